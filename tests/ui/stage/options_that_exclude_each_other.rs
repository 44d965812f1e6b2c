#![allow(unused)]
use dagcore::prelude::*;

#[stage(inline, blocking)]
fn both() {}

#[stage(blocking)]
async fn waits() {}

#[stage(inline)]
async fn waits_inline() {}

fn main() {}
