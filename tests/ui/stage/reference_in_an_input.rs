#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn longest(words: &[&str]) -> usize {
    words.iter().map(|word| word.len()).max().unwrap_or(0)
}

#[stage]
fn maybe(word: Option<&String>) -> usize {
    word.map_or(0, |word| word.len())
}

fn main() {}
