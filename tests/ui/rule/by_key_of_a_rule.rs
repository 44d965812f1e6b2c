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

rule! { inner: when each(a), adds [b], then |grow, node, n| { grow.add(b::new(node)); } }

rule! { outer: when each(b), adds [inner by key], then |grow, node, n| {} }

fn main() {}
