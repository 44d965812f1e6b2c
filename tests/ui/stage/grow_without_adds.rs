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
fn tree(context: &StageContext) {
    context.grow(|grow| {
        grow.add(a::new(1));
    });
}

fn main() {}
