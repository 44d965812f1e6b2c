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

rule! { one: when each(a) && closed(a) under each(b), adds [], then |grow, node, n, other, nodes| {} }

rule! { two: when done(a) under each(b) && closed(b) under each(a), adds [], then |grow, node, nodes, other, others| {} }

fn main() {}
