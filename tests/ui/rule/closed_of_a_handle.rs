#![allow(unused)]
use dagcore::prelude::*;

fn build(flow: &mut Workflow, node: Node<u64>) {
    flow.rule(rule! { when closed(node), then |grow, nodes| {} });
}

fn main() {}
