#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

#[stage]
fn b(n: u64) -> u64 {
    n
}

#[stage(adds(a))]
fn tree(context: &StageContext<b>) -> u64 {
    1
}

fn main() {}
