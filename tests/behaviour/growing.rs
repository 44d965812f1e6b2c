//! A stage that adds nodes while it runs, for tests of other features.

use dagcore::prelude::*;

#[stage]
pub(crate) fn leaf(n: u64) -> u64 {
    n
}

#[stage(adds(leaf))]
pub(crate) fn tree(leaves: u64, context: &StageContext<tree>) -> u64 {
    context.grow(|grow| {
        for n in 0..leaves {
            grow.add(leaf::new(n));
        }
    });
    leaves
}
