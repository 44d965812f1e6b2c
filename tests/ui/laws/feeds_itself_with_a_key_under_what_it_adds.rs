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

rule! { follow: when each(page), adds [page by key under site, site], then |grow, node, page| {} }
rule! { open: when each(site), adds [page], then |grow, node, site| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![follow, open]);
}
