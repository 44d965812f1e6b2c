#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn first(text: &str) -> &str {
    text
}

#[stage]
fn words(text: &str) -> Result<Vec<&str>, std::io::Error> {
    Ok(text.split(' ').collect())
}

fn main() {}
