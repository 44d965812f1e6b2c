#![deny(warnings)]

use dagcore::prelude::*;

#[rustfmt::skip]
#[stage(name = "sum", version = 2, blocking,)]
fn sum(left: u64, right: u64,) -> u64 {
    left + right
}

rule! {
    follow: when each(sum,), adds [sum, ] within 1,
    then |grow, node, n,| { grow.add(sum::new(node, *n)); },
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("commas").rules(rules![follow,]);
    let node = flow.add(sum::new(1_u64, 2_u64));
    flow.rule(rule! { when done(node,), then |_grow, _n| {}, });
    assert_eq!(flow.run_blocking()?.outputs::<sum>()?.copied().collect::<Vec<_>>(), [3, 6]);
    Ok(())
}
