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

#[stage(adds())]
fn tree(context: &StageContext<tree>) -> u64 {
    1
}

#[stage(adds)]
fn bush(context: &StageContext<bush>) -> u64 {
    1
}

fn main() {}
