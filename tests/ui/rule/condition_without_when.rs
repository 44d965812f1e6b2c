#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { follow: each(a), adds [], then |grow, node, n| {} }

fn main() {
    let mut flow = Workflow::new("numbers");
    flow.rule(rule! { closed(a) && count(a) >= 2, adds [a], then |grow, all, two| {} });
}
