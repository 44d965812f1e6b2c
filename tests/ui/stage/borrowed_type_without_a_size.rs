#![allow(unused)]
use dagcore::prelude::*;
use std::fmt::Display;

type Shown = dyn Display + Send + Sync;

struct Name(str);

#[stage]
fn show(shown: &Shown) -> u64 {
    shown.to_string().len() as u64
}

#[stage]
fn name(name: &Name) -> u64 {
    name.0.len() as u64
}

fn main() {}
