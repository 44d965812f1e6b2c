#![allow(unused)]
use dagcore::prelude::*;

trait Serve {
    #[stage]
    fn answer(&self, n: u64) -> u64;

    #[stage]
    fn question(n: u64) -> u64;
}

fn main() {}
