#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn site(n: u64) -> u64 {
    n
}

#[stage]
fn page(n: u64) -> u64 {
    n
}

#[stage]
fn word(n: u64) -> u64 {
    n
}

rule! { pages: when done(word) under each(site), adds [page], then |grow, site, words| {} }
rule! { words: when settled(page) under each(site), adds [word], then |grow, site, pages| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![pages, words]);
}
