#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn pair((left, right): (u64, u64)) -> u64 {
    left + right
}

#[stage]
fn unnamed(_: u64) {}

#[stage]
fn bound(whole @ (_, _): (u64, u64)) {}

fn main() {}
