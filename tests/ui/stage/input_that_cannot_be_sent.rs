#![allow(unused)]
use dagcore::prelude::*;
use std::rc::Rc;

#[stage]
fn count(n: Rc<u64>) -> u64 {
    *n
}

fn main() {}
