#![allow(unused)]
use dagcore::prelude::*;

trait Store: Send + Sync {}

#[stage]
fn read(store: &dyn Store, other: &(dyn Store + 'static)) -> u64 {
    1
}

fn main() {}
