#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

#[stage]
fn sum(all: &[u64]) -> u64 {
    all.iter().sum()
}

#[stage]
fn count(all: Gathered<u64>) -> usize {
    all.len()
}

fn main() {
    let mut flow = Workflow::new("sum");
    let one = flow.add(double::new(1_u64));
    flow.add(sum::new(one));
    flow.add(count::new(one));
}
