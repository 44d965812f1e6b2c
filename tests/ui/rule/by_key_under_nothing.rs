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

rule! { follow: when each(a), adds [a by key under], then |grow, node, n| {} }

rule! { without_key: when each(a), adds [a under b], then |grow, node, n| {} }

rule! { without_by: when each(a), adds [a key under b], then |grow, node, n| {} }

fn main() {}
