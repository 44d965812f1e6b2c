#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    let two = ;
    n * 2
}

rule! { follow: when each(double), adds [double by key], then |grow, node, n| { grow.add(double::new(node).key(n)); } }

fn main() {
    let mut flow = Workflow::new("numbers").rules(rules![follow]);
    let node: Node<u64> = flow.add(double::new(1));
}
