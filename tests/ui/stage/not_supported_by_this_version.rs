#![allow(unused)]
use dagcore::prelude::*;

#[stage(limit = 4, pool = "disk")]
fn read() {}

#[stage(cache, executor = "remote")]
fn compute() {}

fn main() {}
