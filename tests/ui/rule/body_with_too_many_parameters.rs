#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when each(a), adds [a], then |grow, node, n, more| {} }

rule! { predicate: when |view| view.len() > 3, adds [a], then |grow, view| {} }

fn main() {}
