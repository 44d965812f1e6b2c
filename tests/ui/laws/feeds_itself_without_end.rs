#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn page(n: u64) -> u64 {
    n
}

rule! { follow: when each(page), adds [page], then |grow, node, page| {} }
rule! { retry: when each_failed(page), adds [page], then |grow, node, error| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![follow, retry]);
}
