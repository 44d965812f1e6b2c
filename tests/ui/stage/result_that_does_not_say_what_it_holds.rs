#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn print(n: u64) -> std::fmt::Result {
    Ok(())
}

fn main() {}
