#![allow(unused)]
use dagcore::prelude::*;
use std::cell::Cell;

#[stage]
async fn count(n: u64) -> Result<Cell<u64>, std::io::Error> {
    Ok(Cell::new(n))
}

fn main() {}
