#![allow(unused)]
use dagcore::prelude::*;
use std::cell::Cell;

#[stage]
fn count(n: &Cell<u64>) -> u64 {
    n.get()
}

fn main() {}
