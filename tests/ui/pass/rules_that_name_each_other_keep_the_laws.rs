//! Rules may name themselves and each other, and stages may add themselves by key.

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

#[stage(adds(site by key, page by key))]
fn site(n: u64, context: &StageContext<site>) -> u64 {
    n
}

#[stage]
fn gone(n: u64) -> u64 {
    n
}

rule! { ping: when closed(gone), adds [word, pong, ping, Rule], then |grow, gone| {} }
rule! { pong: when closed(page), adds [ping, pong], then |grow, pages| {} }
rule! { open: when each(page), adds [word by key under site], then |grow, node, page| {} }
rule! { merge: when done(page) under each(site), adds [gone], then |grow, site, pages| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![open, merge, pong]);
}
