#![allow(unused)]
use dagcore::prelude::*;

use follow as other;

#[stage]
fn page(n: u64) -> u64 {
    n
}

rule! { follow: when each(page), adds [], then |grow, node, page| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![follow, other]);
}
