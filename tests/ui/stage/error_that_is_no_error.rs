#![allow(unused)]
use dagcore::prelude::*;

struct Broken;

#[stage]
fn read() -> Result<u64, Broken> {
    Err(Broken)
}

#[stage]
async fn fetch() -> Result<u64, Broken> {
    Err(Broken)
}

fn main() {}
