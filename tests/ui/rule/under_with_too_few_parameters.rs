#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

#[stage]
fn b(n: u64) -> u64 {
    n
}

rule! { follow: when closed(a) under each(b), adds [], then |grow, nodes| {} }

fn main() {}
