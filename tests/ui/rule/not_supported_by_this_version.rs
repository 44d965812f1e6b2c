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

rule! { condition: when closed(a) under each(b), adds [b], then |grow, nodes| {} }

rule! { addition: when each(a), adds [b by key under each(b)], then |grow, node, n| {} }

fn main() {}
