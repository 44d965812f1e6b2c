#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn page(n: u64) -> u64 {
    n
}

rule! { more: when closed(page), adds [page], then |grow, pages| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![more]);
}
