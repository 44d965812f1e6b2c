#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {
    let mut flow = Workflow::new("fetch");
    flow.add(fetch);
}
