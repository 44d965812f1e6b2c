#![allow(unused)]
use dagcore::prelude::*;

#[stage]
#[stage(version = 2)]
fn twice(n: u64) -> u64 {
    n
}

fn main() {}
