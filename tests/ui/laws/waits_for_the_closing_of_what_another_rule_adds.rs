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

rule! { more: when closed(page), adds [word], then |grow, pages| {} }
rule! { back: when each(word), adds [page by key], then |grow, node, word| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![back, more]);
}
