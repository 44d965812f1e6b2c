#![allow(unused)]
use dagcore::prelude::*;

#[stage(nmae = "reader")]
fn misspelt() {}

#[stage(bloking)]
fn misspelt_again() {}

#[stage(colour = "red")]
fn unknown() {}

#[stage("reader")]
fn no_option() {}

fn main() {}
