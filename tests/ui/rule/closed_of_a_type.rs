#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when closed(a, String), adds [], then |grow, nodes, others| {} }

fn main() {}
