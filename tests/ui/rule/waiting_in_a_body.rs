#![allow(unused)]
use dagcore::prelude::*;

#[stage]
async fn a(n: u64) -> u64 {
    n
}

rule! {
    follow: when each(a), adds [a],
    then |grow, node, n| {
        let more = a(*n).await;
        grow.add(a::new(more));
    }
}

rule! { asynchronous: when each(a), adds [a], then async |grow, node, n| {} }

fn main() {}
