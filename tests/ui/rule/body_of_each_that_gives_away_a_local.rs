#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(text: String) -> usize {
    text.len()
}

fn build(flow: &mut Workflow, text: String) {
    flow.rule(rule! { when each(a), adds [a], then |grow, node, n| { grow.add(a::new(text)); } });
}

fn main() {}
