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

rule! { pages: when closed(word), adds [page], then |grow, words| {} }
rule! { words: when closed(page), adds [word], then |grow, pages| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![pages, words]);
}
