#![deny(warnings)]

use dagcore::prelude::*;

#[stage]
fn number(n: u64) -> u64 {
    n
}

fn main() {
    let told = |rule: fn(Node<u64>) -> dagcore::Rule| {
        let mut flow = Workflow::new("keys");
        let node = flow.add(number::new(1_u64));
        flow.rule(rule(node));
        flow.run_blocking().unwrap_err().to_string()
    };
    let without = told(|node| {
        rule! { when done(node), adds [number by key], then |grow, n| { grow.add(number::new(*n)); } }
    });
    assert!(without.contains("write `number::new(..).key(..)`"), "{without}");
    let with = told(|node| {
        rule! { when done(node), adds [number], then |grow, n| { grow.add(number::new(*n).key(n)); } }
    });
    assert!(with.contains("write `number by key` in its `adds [..]`"), "{with}");
}
