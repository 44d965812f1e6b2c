#![allow(unused)]
use dagcore::prelude::*;
use std::rc::Rc;

#[stage]
fn count(n: u64) -> Rc<u64> {
    Rc::new(n)
}

fn main() {}
