#![allow(unused)]
use dagcore::prelude::*;

#[stage]
const fn constant(n: u64) -> u64 {
    n
}

#[stage]
unsafe fn dangerous(n: u64) -> u64 {
    n
}

#[stage]
extern "C" fn foreign(n: u64) -> u64 {
    n
}

fn main() {}
