#![allow(unused)]
use dagcore::prelude::*;

fn build(flow: &mut Workflow, node: Node<u64>) {
    flow.rule(rule! { when each(node), then |grow, node, n| {} });
}

fn main() {}
