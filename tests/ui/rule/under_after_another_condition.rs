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

rule! { each: when each(a) under each(b), adds [], then |grow, node, nodes| {} }

rule! { count: when count(a) >= 2 under each(b), adds [], then |grow, node, nodes| {} }

rule! { predicate: when |view| view.len() > 2 under each(b), adds [], then |grow| {} }

rule! { twice: when closed(a) under each(a) under each(b), adds [], then |grow, node, nodes| {} }

rule! { alone: when under each(b), adds [], then |grow, node| {} }

fn main() {}
