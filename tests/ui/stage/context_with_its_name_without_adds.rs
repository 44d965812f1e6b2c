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

#[stage]
fn tree(context: &StageContext<tree>) -> u64 {
    1
}

fn main() {}
