#![allow(unused)]
use dagcore::prelude::*;

#[stage(priority = 2)]
fn read() {}

#[stage(cache, executor = "remote")]
fn compute() {}

fn main() {}
