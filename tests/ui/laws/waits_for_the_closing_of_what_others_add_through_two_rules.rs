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

rule! { more: when closed(page), adds [index], then |grow, pages| {} }
rule! { split: when each_failed(index), adds [word], then |grow, node, error| {} }
rule! { back: when count(word) >= 3, adds [page], then |grow, words| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![more, split, back]);
}
