#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

#[stage]
fn b(text: String) -> String {
    text
}

rule! {
    follow: when each(a), adds [b],
    then |grow, node, n| {
        let double = n * 2;
        let text: String = double + 1;
        let first = grow.add(b::new(text));
        grow.add(b::now(first));
        grow.add(b::new(node));
        grow.ad(b::new(first));
        Ok::<(), std::io::Error>(())
    }
}

fn main() {}
