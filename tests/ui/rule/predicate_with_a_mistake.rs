#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when |view| view.number::<a>() > 2, adds [a], then |grow| {} }

fn main() {}
