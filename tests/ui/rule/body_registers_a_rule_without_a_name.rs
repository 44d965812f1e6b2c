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

rule! { item: when each(b), adds [a], then |grow, node, n| grow.rule(rule! { when each(a), adds [], then |grow, node, n| {} }) }

fn build(flow: &mut Workflow, node: Node<u64>) {
    flow.rule(rule! {
        when done(node), adds [item],
        then |grow, n| grow.rule(rule! { when each(a), adds [], then |grow, node, n| {} })
    });
}

fn main() {}
