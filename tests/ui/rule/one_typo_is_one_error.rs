#![allow(unused)]
use dagcore::prelude::*;

#[stage(nmae = "x")]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: when eahc(a), adds [a], then |grow, node, n| { grow.add(a::new(node)); } }

fn build() -> Workflow {
    let mut flow = Workflow::new("typos").rules(rules![follow]);
    let node = flow.add(a::new(1_u64));
    flow.rule(rule! { when doen(node), then |grow, n| {} });
    flow
}

fn main() {}
