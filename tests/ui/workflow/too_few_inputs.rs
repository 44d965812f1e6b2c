#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn add(left: u64, right: u64) -> u64 {
    left + right
}

fn main() {
    let mut flow = Workflow::new("add");
    flow.add(add::new(1_u64));
}
