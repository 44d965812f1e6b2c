#![allow(unused)]
use dagcore::prelude::*;

#[stage(retries = 3, backoff = "1s", timeout = "5s")]
async fn fetch() {}

#[stage(limit = 4, pool = "disk", priority = 2)]
fn read() {}

#[stage(cache, executor = "remote")]
fn compute() {}

fn main() {}
