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

rule! { one: when each(a), adds [], then |grow, node, n| {} }

rule! { two: when each(a), adds [], then |grow, node, n| {} }

rule! { none: when each(b), adds [b], then |grow, node, n| grow.rules(rules![one]) }

rule! { another: when each(b), adds [two], then |grow, node, n| grow.rules(rules![two, one]) }

fn main() {}
