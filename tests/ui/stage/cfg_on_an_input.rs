#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn read(name: String, #[cfg(unix)] mode: u32) {}

fn main() {}
