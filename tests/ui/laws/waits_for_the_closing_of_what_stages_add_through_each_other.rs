#![allow(unused)]
use dagcore::prelude::*;

#[stage(adds(word))]
fn page(n: u64, context: &StageContext<page>) -> u64 {
    n
}

#[stage(adds(page))]
fn word(n: u64, context: &StageContext<word>) -> u64 {
    n
}

#[stage]
fn site(n: u64) -> u64 {
    n
}

rule! { more: when closed(page), adds [site], then |grow, pages| {} }
rule! { open: when each(site), adds [word by key], then |grow, node, site| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![more, open]);
}
