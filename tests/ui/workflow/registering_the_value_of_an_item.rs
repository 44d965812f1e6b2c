#![allow(unused)]
use dagcore::prelude::*;

#[stage]
fn double(n: u64) -> u64 {
    2 * n
}

rule! { follow: when each(double), adds [], then |grow, node, n| {} }

fn main() {
    let mut flow = Workflow::new("rules");
    flow.rule(follow {});
    flow.rule(double::new(1));
}
