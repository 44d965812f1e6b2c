#![allow(unused_variables)]
#![deny(unused_must_use)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build() {
    rule! { when each(a), adds [a], then |grow, node, n| {} };
}

fn main() {}
