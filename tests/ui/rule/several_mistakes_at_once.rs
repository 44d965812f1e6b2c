#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

rule! {
    #[inline]
    follow: when eahc(a) || count(a) < 2, adds [a by name, 3] within 0
    then |node| { a(1).await }
}

fn main() {}
