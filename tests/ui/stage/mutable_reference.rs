#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn sort(list: &mut Vec<u64>) {
    list.sort();
}

#[stage]
fn context(n: u64, context: &mut StageContext) -> u64 {
    n
}

#[stage]
fn context_by_value(n: u64, context: StageContext) -> u64 {
    n
}

fn main() {}
