#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { none: when || true, adds [a], then |grow| {} }

rule! { two: when |view, other| true, adds [a], then |grow| {} }

fn main() {}
