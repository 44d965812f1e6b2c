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

rule! { follow: when each(b), adds [a by key under String], then |grow, node, n| {} }

fn main() {}
