#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { block: when each(a), adds [a], then { grow.add(a::new(1_u64)); } }

rule! { call: when each(a), adds [a], then grow.add(a::new(1_u64)) }

fn main() {}
