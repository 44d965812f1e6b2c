use dagcore::prelude::*;

#[allow(non_camel_case_types)]
struct manifest;

#[stage]
fn manifest() {}

fn main() {}
