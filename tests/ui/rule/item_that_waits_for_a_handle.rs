#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn a(n: u64) -> u64 {
    n
}

fn build(node: Node<u64>) {
    rule! { on_done: when done(node), adds [a], then |grow, n| {} }
    rule! { on_settled: when settled(node), adds [a], then |grow, n| {} }
    rule! { on_failed: when failed(node), adds [a], then |grow, error| {} }
}

fn main() {}
