#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn read(name: Nmae, place: &Place) -> Manifest {
    Manifest
}

fn main() {}
