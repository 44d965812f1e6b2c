#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { call: when each(a), adds [a()], then |grow, node, n| {} }

rule! { number: when each(a), adds [3], then |grow, node, n| {} }

rule! { key: when each(a), adds [a by name], then |grow, node, n| {} }

rule! { reference: when each(a), adds [&a], then |grow, node, n| {} }

fn main() {}
