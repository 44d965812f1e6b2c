#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn leaf(n: u64) -> u64 {
    n
}

#[stage(version = 0, adds(leaf))]
fn tree(context: &StageContext<tree>) {
    context.grow(|grow| grow.add(leaf::new(1)));
}

fn main() {}
