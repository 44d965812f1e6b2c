#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> Vec<u64> {
    vec![n]
}

#[stage]
fn b(n: u64) -> u64 {
    n
}

rule! {
    follow: when each(a), adds [a],
    then |grow, node, list| {
        grow.map(node, |n| b::new(n));
    }
}

fn main() {}
