#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn list() -> Vec<u64> {
    vec![1, 2, 3]
}

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

fn main() {
    let mut flow = Workflow::new("map");
    let all = flow.add(list::new());
    flow.map(all, |n| double(n));
}
