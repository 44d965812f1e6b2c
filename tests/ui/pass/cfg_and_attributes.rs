#![deny(warnings, missing_docs, unreachable_pub)]
//! Attributes that stand on a stage or on a rule.

use dagcore::prelude::*;

/// Documented.
#[cfg(all())]
#[inline(never)]
#[must_use]
#[stage]
pub fn here(n: u64) -> u64 {
    n
}

/// Not there.
#[cfg(any())]
#[stage]
pub fn here(n: Nothing) -> Nothing {
    n
}

/// Old.
#[deprecated(note = "use `here`")]
#[cfg_attr(all(), allow(clippy::unused_async))]
#[stage]
pub async fn old(n: u64) -> u64 {
    n
}

#[stage]
#[allow(unused_variables)]
fn undocumented(n: u64) {}

#[stage]
#[cfg(any())]
fn gone(n: Nothing) {}

rule! {
    /// Documented.
    #[cfg(all())]
    #[allow(unused_variables)]
    pub follow: when each(here), adds [undocumented],
    then |grow, node, n| { grow.add(undocumented::new(node)); }
}

rule! {
    #[cfg(any())]
    follow: when each(nothing), adds [nothing],
    then |grow, node, n| { nothing() }
}

rule! {
    /// Adds what is old.
    #[allow(deprecated)]
    with_old: when each(here), adds [old],
    then |grow, node, _n| { grow.add(old::new(node)); }
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("attributes").rules(rules![follow, with_old]);
    flow.add(here::new(1_u64));
    assert_eq!(flow.run_blocking()?.len(), 3);
    Ok(())
}
