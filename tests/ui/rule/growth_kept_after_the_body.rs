#![allow(unused)]
use dagcore::prelude::*;

fn build(flow: &mut Workflow, node: Node<u64>) {
    let mut kept = None;
    flow.rule(rule! { when done(node), then |grow, n| { kept = Some(grow); } });
}

fn main() {}
