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

#[stage]
fn index(n: u64) -> u64 {
    n
}

#[stage]
fn report(n: u64) -> u64 {
    n
}

rule! { more: when closed(page), adds [index], then |grow, pages| {} }
rule! { split: when each(index), adds [word by key], then |grow, node, index| {} }
rule! { enough: when count_done(word) >= 3, adds [report], then |grow, words| {} }
rule! { back: when closed(report), adds [page], then |grow, reports| {} }

fn main() {
    let _ = Workflow::new("laws").rules(rules![more, split, enough, back]);
}
