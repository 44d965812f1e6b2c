#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: adds [a], when each(a), then |grow, node, n| {} }

rule! { then_first: then |grow, node, n| {}, when each(a), adds [a] }

fn main() {}
