#![allow(unused)]
use dagcore::prelude::*;

#[stage(version = 0, blocking, nmae = "x")]
async unsafe fn everything<T>(list: &mut Vec<T>, (a, b): (u64, u64), context: StageContext) -> &str {
    "everything"
}

fn main() {}
