#![allow(unused)]
use dagcore::prelude::*;

fn plain(n: u64) -> u64 {
    n
}

rule! { follow: when each(plain), adds [], then |grow, node, n| {} }

fn main() {}
