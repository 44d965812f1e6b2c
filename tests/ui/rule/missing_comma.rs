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

rule! { after_when: when each(a) adds [a], then |grow, node, n| {} }

rule! { after_adds: when each(a), adds [a] then |grow, node, n| {} }

rule! { in_adds: when each(a), adds [a b], then |grow, node, n| {} }

fn main() {}
