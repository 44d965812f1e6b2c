#![allow(unused)]
use dagcore::prelude::*;

#[stage(limit = 4, pool = "disk", priority = 2)]
fn read() {}

#[stage(cache, executor = "remote")]
fn compute() {}

fn main() {}
