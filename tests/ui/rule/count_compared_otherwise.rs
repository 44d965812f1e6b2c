#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! { fewer: when count(a) < 3, adds [a], then |grow, nodes| {} }

rule! { exactly: when count_done(a) == 3, adds [a], then |grow, nodes| {} }

rule! { more: when count(a) > 3, adds [a], then |grow, nodes| {} }

rule! { turned: when 3 <= count(a), adds [a], then |grow, nodes| {} }

rule! { alone: when count(a), adds [a], then |grow, nodes| {} }

rule! { other: when each(a) >= 3, adds [a], then |grow, nodes| {} }

fn main() {}
