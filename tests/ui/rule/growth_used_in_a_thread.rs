#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! {
    follow: when each(a), adds [a],
    then |grow, node, n| {
        std::thread::spawn(move || grow.add(a::new(1_u64)));
    }
}

fn main() {}
