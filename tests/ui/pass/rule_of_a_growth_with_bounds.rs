#![deny(warnings)]

use dagcore::prelude::*;
use dagcore::{Allows, StageCall};

#[stage]
fn number(n: u64) -> u64 {
    n
}

fn twice<M: Allows<number>>(grow: &mut Growth<'_, M>, n: u64) {
    grow.add(number::new(n));
    grow.add(number::new(n));
}

fn any<C: StageCall, M: Allows<C::Stage>>(grow: &mut Growth<'_, M>, call: C) {
    grow.add(call);
}

rule! {
    follow: when each(number), adds [number] within 1,
    then |grow, _node, n| {
        twice(grow, *n);
        any(grow, number::new(*n));
    }
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("bounds").rules(rules![follow]);
    flow.add(number::new(1_u64));
    assert_eq!(flow.run_blocking()?.len(), 4);
    Ok(())
}
