#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! {
    follow: when each(a), adds [a],
    then |grow, node, n| {
        let more: u64 = "17".parse()?;
        grow.add(a::new(more));
        Ok(())
    }
}

fn main() {}
