#![allow(unused)]
use dagcore::prelude::*;

fn build(flow: &mut Workflow, node: dagcore::AnyNode) {
    flow.rule(rule! { when done(node), then |grow, output| {} });
}

fn main() {}
