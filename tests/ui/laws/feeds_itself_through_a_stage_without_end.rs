#![allow(unused)]
use dagcore::prelude::*;

#[stage(adds(page))]
fn site(n: u64, context: &StageContext<site>) -> u64 {
    n
}

#[stage]
fn page(n: u64) -> u64 {
    n
}

rule! { follow: when each(page), adds [site], then |grow, node, page| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![follow]);
}
