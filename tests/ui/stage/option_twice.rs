#![allow(unused)]
use dagcore::prelude::*;

#[stage(version = 1, version = 2)]
fn twice() {}

#[stage(blocking, blocking)]
fn twice_blocking() {}

fn main() {}
