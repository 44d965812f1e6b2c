#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn page(n: u64) -> u64 {
    n
}

#[stage(adds(page by key))]
fn site(n: u64, context: &StageContext<site>) -> u64 {
    n
}

rule! { more: when closed(page), adds [site], then |grow, pages| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![more]);
}
