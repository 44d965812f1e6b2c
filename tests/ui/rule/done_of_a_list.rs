#![allow(unused)]
use dagcore::prelude::*;

fn build(flow: &mut Workflow, nodes: Vec<Node<u64>>) {
    flow.rule(rule! { when done(nodes), then |grow, all| {} });
}

fn main() {}
