#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when each(a::new(1)), adds [a], then |grow, node, n| {} }

fn main() {}
