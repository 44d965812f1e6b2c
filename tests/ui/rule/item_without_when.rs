#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: adds [a], then |grow| { grow.add(a::new(1_u64)); } }

fn main() {}
