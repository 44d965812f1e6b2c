#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn fetch(url: &str) -> String {
    url.to_owned()
}

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

fn main() {
    let mut flow = Workflow::new("fetch");
    let page = flow.add(fetch::new("here"));
    flow.add(double::new(page));
}
