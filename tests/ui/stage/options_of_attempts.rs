#![allow(unused)]
use dagcore::prelude::*;

#[stage(retries = "3", timeout = "5 days", deadline)]
async fn values() {}

#[stage(timeout = 5)]
async fn no_time() {}

#[stage(backoff = "1s")]
async fn no_backoff() {}

#[stage(retry_if = |error| error.is_panic())]
fn a_closure_will_do() {}

#[stage(retry_if = 3)]
fn no_question() {}

fn main() {}
