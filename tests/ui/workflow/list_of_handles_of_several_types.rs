#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

#[stage]
fn text(n: u64) -> String {
    n.to_string()
}

#[stage]
fn sum(all: &[u64]) -> u64 {
    all.iter().sum()
}

fn main() {
    let mut flow = Workflow::new("sum");
    let one = flow.add(double::new(1_u64));
    let two = flow.add(text::new(2_u64));
    flow.add(sum::new(vec![one, two]));
}
