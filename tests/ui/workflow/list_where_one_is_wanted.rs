#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

fn main() {
    let mut flow = Workflow::new("double");
    let one = flow.add(double::new(1_u64));
    let two = flow.add(double::new(2_u64));
    flow.add(double::new(vec![one, two]));
}
