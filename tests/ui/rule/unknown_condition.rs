#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { misspelt: when eahc(a), adds [], then |grow, node, n| {} }

rule! { unknown: when finished(a), adds [], then |grow, node, n| {} }

rule! { bare: when a, adds [], then |grow, node, n| {} }

fn main() {}
