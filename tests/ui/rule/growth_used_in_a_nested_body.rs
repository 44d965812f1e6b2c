#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build(flow: &mut Workflow, node: Node<u64>) {
    flow.rule(rule! {
        when done(node),
        then |grow, n| {
            let inner = grow.add(a::new(*n));
            grow.rule(rule! { when done(inner), then |later, n| { grow.add(a::new(*n)); } });
        }
    });
}

fn main() {}
