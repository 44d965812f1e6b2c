#![allow(unused)]
use dagcore::prelude::*;
use std::fmt::Display;

type Shown = dyn Display + Send + Sync;

#[stage]
fn show(shown: &Shown) -> u64 {
    shown.to_string().len() as u64
}

fn main() {}
