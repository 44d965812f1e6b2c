#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

fn main() {
    let _ = Workflow::new("rules").rules(rules![double]);
}
