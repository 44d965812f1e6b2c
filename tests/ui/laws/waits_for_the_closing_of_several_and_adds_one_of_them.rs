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

rule! { more: when closed(page, word), adds [word], then |grow, pages, words| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![more]);
}
