#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build(flow: &mut Workflow) {
    flow.rule(rule! { follow: when each(a), adds [a], then |grow, node, n| {} });
}

fn main() {}
