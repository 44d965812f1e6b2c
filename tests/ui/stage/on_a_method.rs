#![allow(unused)]
use dagcore::prelude::*;
use std::sync::Arc;

struct Server;

impl Server {
    #[stage]
    fn lent(&self, n: u64) -> u64 {
        n
    }

    #[stage]
    async fn changed(&mut self, n: u64) -> u64 {
        n
    }

    #[stage]
    fn shared(self: Arc<Self>, n: u64) -> u64 {
        n
    }
}

fn main() {}
