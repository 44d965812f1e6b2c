#![allow(unused)]
use dagcore::prelude::*;

const NONE: u32 = 0;
const TEXT: &str = "3";

#[stage(concurrency = NONE)]
fn limited(n: u64) -> u64 {
    n
}

#[stage(retries = TEXT)]
fn tried(n: u64) -> u64 {
    n
}

rule! { follow: when each(limited), adds [limited] within NONE, then |grow, node, n| { grow.add(limited::new(node)); } }

fn build(flow: &mut Workflow, node: Node<u64>, most: u32) {
    flow.rule(rule! { when done(node), adds [limited] within most, then |grow, n| { grow.add(limited::new(*n)); } });
}

fn main() {}
