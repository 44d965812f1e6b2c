#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

struct Broken;

rule! { follow: when each(a), adds [a], then |grow, node, n| -> Result<(), Broken> { Err(Broken) } }

fn main() {}
