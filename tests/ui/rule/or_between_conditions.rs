#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when each(a) || count(a) >= 2, adds [a], then |grow, node, n| {} }

rule! { with: when each(a) & count(a) >= 2, adds [a], then |grow, node, n| {} }

fn main() {}
