#![allow(unused)]
use dagcore::prelude::*;

#[stage(cache, executor = "remote")]
fn compute() {}

fn main() {}
