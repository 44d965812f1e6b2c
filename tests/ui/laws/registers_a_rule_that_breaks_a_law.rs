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

rule! { split: when each(page), adds [word, more], then |grow, node, page| {} }
rule! { more: when closed(word), adds [word], then |grow, words| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![split]);
}
