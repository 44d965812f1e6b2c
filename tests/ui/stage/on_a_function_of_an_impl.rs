#![allow(unused)]
use dagcore::prelude::*;

struct Server;

impl Server {
    #[stage]
    fn answer(n: u64) -> u64 {
        n
    }
}

fn main() {}
