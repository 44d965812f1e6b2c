#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when (|view| view.len() > 2) && |view| view.count::<a>() > 1, adds [a], then |grow| {} }

fn main() {}
