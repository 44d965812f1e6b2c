#![allow(unused)]
use dagcore::prelude::*;

#[stage]
unsafe extern "C" fn many(n: u64, ...) -> u64 {
    n
}

fn main() {}
