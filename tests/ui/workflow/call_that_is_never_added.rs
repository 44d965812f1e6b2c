#![allow(unused_variables)]
#![deny(unused_must_use)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

fn main() {
    double::new(1_u64);
}
