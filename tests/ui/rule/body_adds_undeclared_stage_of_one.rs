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
    follow: when each(a), adds [c],
    then |grow, node, n| {
        grow.add(c::new(node));
        grow.add(b::new(node).named("b"));
    }
}

fn main() {}
