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

rule! { more: when closed(page), adds [page], then |grow, pages| {} }
rule! { follow: when each(page), adds [page], then |grow, node, page| {} }
rule! { split: when each(page), adds [word], then |grow, node, page| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![more, split, follow]);
}
