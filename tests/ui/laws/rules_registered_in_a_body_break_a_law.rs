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

rule! { split: when closed(page), adds [word, more, again], then |grow, pages| { grow.rules(rules![more, again]); } }
rule! { more: when each(word), adds [word], then |grow, node, word| {} }
rule! { again: when each(word), adds [word by key], then |grow, node, word| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![split]);
}
