#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn length(text: &str, all: &[u64]) -> usize {
    let n: usize = text;
    all.length() + n
}

fn main() {}
