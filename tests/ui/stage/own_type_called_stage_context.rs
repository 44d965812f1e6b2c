#![allow(unused)]
use dagcore::prelude::stage;

#[derive(Clone)]
struct StageContext(u64);

#[stage]
fn page(context: &StageContext) -> u64 {
    context.0
}

fn main() {}
