#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

#[stage]
fn ended(one: Outcome<u64>) -> bool {
    one.is_success()
}

#[stage]
fn all_ended(all: &Gathered<u64>) -> usize {
    all.len()
}

fn main() {
    let mut flow = Workflow::new("numbers");
    let one = flow.add(double::new(1_u64));
    flow.add(ended::new(vec![one, one]));
    flow.add(ended::new([one]));
    flow.add(all_ended::new(one));
}
