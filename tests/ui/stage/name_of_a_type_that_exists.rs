#![allow(unused)]
use dagcore::prelude::*;

#[allow(non_camel_case_types)]
struct manifest {
    name: String,
}

#[stage]
fn manifest() {}

fn main() {}
