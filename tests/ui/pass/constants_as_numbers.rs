#![deny(warnings)]
//! A number in an option or a clause may be a constant.

use dagcore::prelude::*;

const MOST: u32 = 2;

mod limits {
    pub(crate) const DEPTH: u32 = 3;

    pub(crate) const fn share() -> u32 {
        2
    }
}

#[stage(concurrency = MOST, retries = MOST * 2, version = limits::DEPTH, priority = -(MOST as i32), pool(memory = limits::share()))]
fn page(n: u64) -> u64 {
    n
}

rule! { follow: when each(page), adds [page] within limits::DEPTH - 1, then |grow, node, _n| { grow.add(page::new(node)); } }

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("pages").pool("memory", 2).rules(rules![follow]);
    flow.add(page::new(1));
    assert_eq!(flow.run_blocking()?.len(), 3);
    Ok(())
}
