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
rule! { merge: when closed(page) under each(site), adds [page], then |grow, site, pages| {} }
rule! { settle: when settled(page) under each(site), adds [page by key], then |grow, site, pages| {} }
rule! { next: when done(page) under each(site), adds [site] within 3, then |grow, site, pages| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![cut, merge, settle, next]);
}
