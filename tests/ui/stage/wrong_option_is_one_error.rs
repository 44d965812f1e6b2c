#![allow(unused)]
use dagcore::prelude::*;

#[stage(nmae = "doubles")]
fn double(n: u64) -> u64 {
    2 * n
}

rule! { again: when each(double), adds [double] within 3, then |grow, node, n| { grow.add(double::new(node)); } }

fn main() {
    let mut flow = Workflow::new("doubles").rules(rules![again]);
    let node = flow.add(double::new(1_u64));
    flow.rule(rule! { when done(node), then |grow, n| { grow.add(double::new(*n)); } });
}
