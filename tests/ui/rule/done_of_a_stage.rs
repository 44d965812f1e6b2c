#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build(flow: &mut Workflow) {
    flow.rule(rule! { when done(a), then |grow, n| {} });
}

fn main() {}
