#![allow(unused)]
use dagcore::prelude::*;

type Checked = Result<u64, std::io::Error>;

#[stage]
fn check(n: u64) -> Checked {
    Ok(n)
}

fn main() {}
