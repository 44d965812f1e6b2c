#![allow(unused)]
use dagcore::prelude::*;
use std::rc::Rc;

fn build(flow: &mut Workflow, node: Node<u64>, shared: Rc<String>) {
    flow.rule(rule! { when done(node), then |grow, n| println!("{shared}") });
}

fn main() {}
