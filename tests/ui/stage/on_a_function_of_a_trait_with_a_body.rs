#![allow(unused)]
use dagcore::prelude::*;

trait Serve {
    #[stage]
    fn answer(n: u64) -> u64 {
        n
    }
}

fn main() {}
