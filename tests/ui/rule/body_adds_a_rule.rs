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

rule! { inner: when each(a), adds [], then |grow, node, n| {} }

rule! { outer: when each(b), adds [inner], then |grow, node, n| { grow.add(inner {}); } }

fn main() {}
