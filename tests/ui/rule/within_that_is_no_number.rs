#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { zero: when each(a), adds [a] within 0, then |grow, node, n| {} }

rule! { negative: when each(a), adds [a] within -1, then |grow, node, n| {} }

rule! { text: when each(a), adds [a] within "3", then |grow, node, n| {} }

rule! { float: when each(a), adds [a] within 2.5, then |grow, node, n| {} }

rule! { nothing: when each(a), adds [a] within, then |grow, node, n| {} }

rule! { comma: when each(a), adds [a], within 3, then |grow, node, n| {} }

rule! { inside: when each(a), adds [a within 3], then |grow, node, n| {} }

fn main() {}
