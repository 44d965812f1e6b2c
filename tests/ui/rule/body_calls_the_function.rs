#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! {
    follow: when each(a), adds [a],
    then |grow, node, n| {
        grow.add(a(*n));
    }
}

fn main() {}
