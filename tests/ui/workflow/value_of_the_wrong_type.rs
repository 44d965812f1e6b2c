#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

fn main() {
    let mut flow = Workflow::new("double");
    flow.add(double::new("two"));
    flow.add(double::new(2_u32));
}
