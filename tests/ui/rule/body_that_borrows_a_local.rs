#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build(flow: &mut Workflow, node: Node<u64>, text: &str) {
    flow.rule(rule! { when done(node), then |grow, n| println!("{text}") });
}

fn main() {}
