#![allow(unused)]
use dagcore::prelude::*;

rule! {}

fn build(flow: &mut Workflow) {
    flow.rule(rule! {});
}

fn main() {}
