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
fn tree(context: &StageContext<tree>) {
    let kept = context.grow(|grow| grow);
}

fn main() {}
