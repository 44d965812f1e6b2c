#![allow(unused_variables)]
#![deny(unused_must_use)]
use dagcore::prelude::*;

async fn start(flow: Workflow) {
    flow.run();
}

fn main() {}
