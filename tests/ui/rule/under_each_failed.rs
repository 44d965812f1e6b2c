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

rule! { follow: when settled(a) under each_failed(b), adds [], then |grow, node, nodes| {} }

fn main() {}
