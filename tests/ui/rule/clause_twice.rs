#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when each(a), when count(a) >= 2, adds [a], adds [a], then |grow, node, n| {}, then |grow| {} }

fn main() {}
