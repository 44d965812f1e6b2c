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

rule! { one: when done_under(a, b), adds [], then |grow, node, nodes| {} }

rule! { two: when closed_under(a), adds [], then |grow, node, nodes| {} }

rule! { three: when closed(a).under(each(b)), adds [], then |grow, node, nodes| {} }

fn main() {}
