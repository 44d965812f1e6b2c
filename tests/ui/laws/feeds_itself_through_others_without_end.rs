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

#[stage]
fn index(n: u64) -> u64 {
    n
}

rule! { split: when each(page), adds [word], then |grow, node, page| {} }
rule! { look_up: when each_failed(word), adds [index], then |grow, node, error| {} }
rule! { back: when each(index), adds [page], then |grow, node, index| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![split, look_up, back]);
}
