#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { when eahc(a), adds [a], then |grow, node, n| {} }

fn main() {}
