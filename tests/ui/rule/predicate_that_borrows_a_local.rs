#![allow(unused)]
use dagcore::prelude::*;

fn build(flow: &mut Workflow, least: &usize) {
    flow.rule(rule! { when |view| view.len() > *least, then |grow| {} });
}

fn main() {}
