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

rule! { follow: when each(page), adds [page, word], then |grow, node, page| {} }
rule! { back: when each(word), adds [page], then |grow, node, word| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![follow, back]);
}
