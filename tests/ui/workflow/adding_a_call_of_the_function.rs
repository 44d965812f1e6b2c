#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn fetch(url: &str) -> String {
    url.to_owned()
}

#[stage]
async fn wait(url: String) -> String {
    url
}

fn main() {
    let mut flow = Workflow::new("fetch");
    let page = flow.add(fetch("here"));
    flow.add(wait("there".to_owned()));
    flow.add(wait::new(page));
}
