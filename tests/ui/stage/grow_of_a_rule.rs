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

rule! { follow: when each(a), adds [b], then |grow, node, n| { grow.add(b::new(node)); } }

#[stage(adds(a))]
fn tree(list: &Node<Vec<u64>>, context: &StageContext<tree>) {
    context.grow(|grow| grow.map(*list, |n| a::new(n)));
    context.grow(|grow| grow.rules(rules![follow]));
    context.grow(|grow| grow.rule(rule! { when each(a), adds [], then |grow, node, n| {} }));
}

fn main() {}
