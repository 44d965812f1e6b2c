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
fn c(n: u64) -> u64 {
    n
}

rule! {
    follow: when each(a), adds [a by key, c],
    then |grow, node, n| {
        grow.add(b::new(node));
    }
}

fn main() {}
