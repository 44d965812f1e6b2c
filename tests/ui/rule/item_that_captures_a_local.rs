#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build() {
    let least = 3;
    rule! { follow: when each(a), adds [a], then |grow, node, n| { grow.add(a::new(least)); } }
}

fn main() {}
