#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn add(n: u64, n: u64) -> u64 {
    n
}

fn main() {}
