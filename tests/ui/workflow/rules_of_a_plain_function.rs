#![allow(unused)]
use dagcore::prelude::*;

fn follow() {}

fn main() {
    let _ = Workflow::new("rules").rules(rules![follow]);
}
