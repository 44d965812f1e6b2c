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

fn build(flow: &mut Workflow, node: Node<u64>) {
    flow.rule(rule! {
        when done(node), adds [a],
        then |grow, n| {
            grow.add(b::new(*n));
        }
    });
}

fn main() {}
