#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { both: when each(a) and closed(a), adds [], then |grow, node, n, all| {} }

rule! { either: when each(a) or closed(a), adds [], then |grow, node, n| {} }

fn main() {}
