#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn page(n: u64) -> impl Future<Output = u64> + Send {
    async move { n }
}

fn main() {}
