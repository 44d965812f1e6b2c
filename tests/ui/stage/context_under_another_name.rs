#![allow(unused)]
use dagcore::StageContext as Context;
use dagcore::prelude::stage;

#[stage]
fn page(n: &str, context: &Context) -> u64 {
    context.attempt().into()
}

fn main() {}
