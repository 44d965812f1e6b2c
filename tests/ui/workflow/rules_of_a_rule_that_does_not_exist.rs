#![allow(unused)]
use dagcore::prelude::*;

fn main() {
    let _ = Workflow::new("rules").rules(rules![follow]);
}
