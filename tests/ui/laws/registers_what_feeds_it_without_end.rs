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

rule! { split: when each(page), adds [again], then |grow, node, page| {} }
rule! { again: when count(word) >= 1, adds [page], then |grow, words| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![split]);
}
