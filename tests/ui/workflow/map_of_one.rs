#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

fn main() {
    let mut flow = Workflow::new("map");
    let one = flow.add(double::new(1_u64));
    flow.map(one, |n| double::new(n));
}
