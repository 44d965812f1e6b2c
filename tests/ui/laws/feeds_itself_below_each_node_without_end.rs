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

rule! { cut: when each(site), adds [page], then |grow, node, site| {} }
rule! { next: when done(page) under each(site), adds [site], then |grow, site, pages| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![next]);
}
