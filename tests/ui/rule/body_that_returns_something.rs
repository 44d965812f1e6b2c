#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { handle: when each(a), adds [a], then |grow, node, n| grow.add(a::new(node)) }

rule! {
    number: when each(a), adds [a],
    then |grow, node, n| {
        grow.add(a::new(node));
        3
    }
}

rule! { result: when closed(a), adds [a], then |grow, nodes| -> Result<u8, std::io::Error> { Ok(3) } }

fn main() {}
