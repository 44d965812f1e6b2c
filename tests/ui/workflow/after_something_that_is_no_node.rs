#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {
    let mut flow = Workflow::new("fetch");
    let (page, pages) = (flow.add(fetch::new("here")), vec!["here".to_owned()]);
    flow.add(fetch::new("there").after("here"));
    flow.add(fetch::new("there").after((page, page)));
    flow.add(fetch::new("there").after(pages));
}
