#![allow(unused)]
use dagcore::prelude::*;
use std::error::Error;

#[stage]
fn read() -> Result<u64, Box<dyn Error>> {
    Ok(1)
}

fn main() {}
