#![allow(unused)]
use dagcore::prelude::*;

fn build(flow: &mut Workflow) {
    flow.rule(rule! { then |grow| {} });
}

fn main() {}
