#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when named(3), adds [a], then |grow, node| {} }

fn main() {}
