#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn who(one: &StageContext, n: u64, other: &StageContext) -> u64 {
    n
}

fn main() {}
