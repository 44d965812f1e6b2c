#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { text: when count(a) >= "three", adds [a], then |grow, nodes| {} }

rule! { negative: when count(a) >= -1, adds [a], then |grow, nodes| {} }

fn main() {}
