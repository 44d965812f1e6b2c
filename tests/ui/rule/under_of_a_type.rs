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

rule! { one: when closed(String) under each(b), adds [], then |grow, node, nodes| {} }

rule! { two: when closed(a) under each(String), adds [], then |grow, node, nodes| {} }

fn main() {}
