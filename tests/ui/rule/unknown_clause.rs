#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: if each(a), adds [a], then |grow, node, n| {} }

rule! { misspelt: when each(a), add [a], then |grow, node, n| {} }

rule! { unless_b: when each(a), unless each(a), adds [a], then |grow, node, n| {} }

fn main() {}
