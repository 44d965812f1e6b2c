//! What leads back to itself, and is bounded on the way, or leads back to nothing that is waited for.

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

rule! { follow: when each(page), adds [page by key], then |grow, node, page| {} }
rule! { retry: when each_failed(page), adds [page] within 3, then |grow, node, error| {} }

// One bound on the way round is enough.
rule! { split: when each(page), adds [word], then |grow, node, page| {} }
rule! { look_up: when each(word), adds [index by key], then |grow, node, word| {} }
rule! { back: when each(index), adds [page], then |grow, node, index| {} }

// What fires once does not feed itself.
rule! { enough: when count(page) >= 3, adds [page], then |grow, pages| {} }

rule! { summarise: when closed(page, word) && closed(index), adds [report], then |grow, pages, words, indexes| {} }
rule! { publish: when closed(report), adds [], then |grow, reports| {} }

mod inner {
    use super::report;
    use dagcore::prelude::*;

    rule! { pub check: when each(report), adds [], then |grow, node, report| {} }
}

fn main() {
    let _ = Workflow::new("kept")
        .rules(rules![])
        .rules(rules![follow, retry, split, look_up, back, enough, summarise, publish, inner::check])
        .rules(rules![tests::laws::rules::read,]);
    // The laws hold for what is registered together: a list may be part of nothing.
    let _ = rules![follow];
}
