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

rule! { follow: when each(a) && each_failed(b), adds [a], then |grow, node, n, other, error| {} }

fn main() {}
