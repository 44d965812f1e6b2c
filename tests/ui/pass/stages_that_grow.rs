#![deny(warnings)]

use dagcore::prelude::*;
use dagcore::{Allows, StageContext as Unused};

#[stage]
fn leaf(n: u64) -> u64 {
    n
}

/// Docs.
#[stage(name = "a tree", version = 2, adds(leaf, tree by key, r#try by key under tree,))]
pub async fn tree(height: u64, context: &StageContext<tree>, text: &str) -> Result<u64, std::num::ParseIntError> {
    let width: u64 = text.parse()?;
    context.grow(|grow| {
        leaves(grow, width);
        if height > 0 {
            grow.add(tree::new(height - 1, text).key(height - 1));
        }
    });
    tokio::task::yield_now().await;
    let tried = context.grow(|grow| grow.add(r#try::new(height).key(1)));
    assert!(format!("{context:?} {tried:?}").contains("attempt 1"));
    Ok(height)
}

#[stage(inline, adds(self::leaf))]
fn r#try(n: u64, context: &dagcore::StageContext<r#try>) {
    context.grow(|grow| leaves(grow, n));
}

#[cfg(any())]
#[stage(adds(nothing_of_that_name))]
fn not_there(context: &StageContext<not_there>) {}

/// A part of a graph, for rules and for stages.
fn leaves<M: Allows<leaf>>(grow: &mut Growth<'_, M>, count: u64) {
    for n in 0..count {
        grow.add(leaf::new(n));
    }
}

rule! {
    more: when closed(leaf), adds [total],
    then |grow, leaves| { grow.add(total::new(leaves.len())); }
}

#[stage]
fn total(count: usize) -> usize {
    count
}

fn told(context: &Unused) -> String {
    context.node().to_owned()
}

#[stage]
fn plain(context: &StageContext) -> String {
    told(context)
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("forest").rules(rules![more]);
    flow.add(tree::new(2, "3").key(2));
    flow.add(plain::new());
    assert_eq!(*flow.run_blocking()?.only::<total>()?, 3 * 3 + 2 + 1);
    Ok(())
}
