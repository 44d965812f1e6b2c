#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn page(n: u64) -> u64 {
    n
}

#[stage]
fn word(n: u64) -> u64 {
    n
}

rule! { split: when each(page) && closed(word), adds [word by key], then |grow, node, page, words| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![split]);
}
