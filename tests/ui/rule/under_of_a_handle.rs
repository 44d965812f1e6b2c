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

fn build(flow: &mut Workflow, node: Node<u64>, nodes: [Node<u64>; 2]) {
    flow.rule(rule! { when done(node) under each(b), then |grow, b, nodes| {} });
    flow.rule(rule! { when done(nodes[0]) under each(b), then |grow, b, nodes| {} });
    flow.rule(rule! { when done(a) under each(node), then |grow, b, nodes| {} });
}

fn main() {}
