#![allow(unused)]
use dagcore::prelude::*;

struct Table;

#[stage]
fn rows(table: Table) -> u64 {
    0
}

fn main() {}
