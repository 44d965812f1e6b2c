#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build(flow: &mut Workflow, node: Node<u64>) {
    flow.rule(rule! { when settled(node, a), then |grow, n, m| {} });
}

fn main() {}
