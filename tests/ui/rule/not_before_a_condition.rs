#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when !closed(a), adds [a], then |grow, nodes| {} }

fn main() {}
