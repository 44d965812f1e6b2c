#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

#[stage]
fn b(n: u64) -> u64 {
    n
}

rule! { names_the_stage: when closed(a) under b, adds [], then |grow, node, nodes| {} }

rule! { says_nothing: when closed(a) under, adds [], then |grow, node, nodes| {} }

rule! { two_stages: when closed(a) under each(a, b), adds [], then |grow, node, nodes| {} }

rule! { apart: when closed(a), under each(b), adds [], then |grow, node, nodes| {} }

fn main() {}
