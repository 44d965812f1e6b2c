#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when each(a), adds [a], then |grow, node| {} }

rule! { none: when each(a), adds [a], then || {} }

fn build(flow: &mut Workflow, one: Node<u64>, two: Node<u64>) {
    flow.rule(rule! { when done(one, two) && failed(one), then |grow, one, two| {} });
}

fn main() {}
