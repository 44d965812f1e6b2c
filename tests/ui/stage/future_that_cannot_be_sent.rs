#![allow(unused)]
use dagcore::prelude::*;
use std::rc::Rc;

#[stage]
async fn count(n: u64) -> u64 {
    let shared = Rc::new(n);
    std::future::ready(()).await;
    *shared
}

fn main() {}
