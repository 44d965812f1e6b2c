//! The documented style, under every lint that a user's crate may deny: no lint points into generated code.
//!
//! The test script checks this with clippy.

#![deny(clippy::pedantic, clippy::nursery)]
#![allow(
    clippy::missing_const_for_fn,
    clippy::redundant_pub_crate,
    clippy::too_many_arguments,
    reason = "the functions are examples"
)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

use dagcore::prelude::*;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page(pub u64, pub String);

/// Downloads.
///
/// # Errors
///
/// Never.
#[stage(name = "download", version = 2, retries = 1, concurrency = 4)]
pub async fn download(n: u64, _depth: u32) -> Result<Page, std::io::Error> {
    std::future::ready(()).await;
    Ok(Page(n, String::new()))
}

/// Every kind of parameter.
#[must_use]
#[stage]
pub fn every(
    _taken: String,
    text: &str,
    path: &Path,
    os: &OsStr,
    _shared: Arc<Page>,
    mut outcome: Outcome<Page>,
    _all: Gathered<Page>,
    _context: &StageContext,
) -> usize {
    if !outcome.is_success() {
        outcome = outcome.clone();
    }
    text.len() + path.as_os_str().len() + os.len() + usize::from(outcome.is_success())
}

/// Nothing at all.
#[stage(inline)]
pub fn nothing() {}

/// A leaf.
#[stage(inline)]
pub(crate) fn leaf(n: u64) {
    let _ = n;
}

/// Grows.
#[stage(adds(leaf, tree by key under download))]
pub(crate) fn tree(height: u64, context: &StageContext<tree>) -> u64 {
    context.grow(|grow| {
        let _ = grow.add(leaf::new(height));
    });
    height
}

rule! {
    /// Follows.
    pub follow: when each(download), adds [leaf, tree by key],
    then |grow, _node, page| {
        let _ = grow.add(leaf::new(page.0));
        let _ = grow.add(tree::new(page.0).key(page.0));
    }
}

rule! {
    /// Follows a failure.
    pub recover: when each_failed(download), adds [download] within 2,
    then |grow, _node, _error| { let _ = grow.add(download::new(1_u64, 1_u32)); }
}

rule! {
    /// Ends.
    pub(crate) sum: when closed(leaf, tree) && count(leaf) >= 1 && |_view| true, adds [nothing],
    then |_grow, _leaves, _trees, _some| -> Result<(), std::io::Error> { Ok(()) }
}

rule! {
    /// Below.
    pub(crate) below: when done(leaf) under each(download), adds [],
    then |_, _node, _leaves| {}
}

/// All of it.
pub fn workflow() -> (Workflow, Node<usize>) {
    let mut flow = Workflow::new("strict").rules(rules![follow, recover, sum, below]);
    let first = flow.add(download::new(1_u64, 2_u32));
    let many = (0..2).map(|n| flow.add(download::new(n, 0_u32))).collect::<Vec<_>>();
    let every = flow.add(every::new("taken", "text", "path", "os", first, first, many).after(first).named("every"));
    let _ = flow.add(nothing::new());
    flow.rule(rule! {
        when done(first, every) && settled(every), adds [leaf],
        then |grow, _page, _length, _end| { let _ = grow.add(leaf::new(7_u64)); }
    });
    flow.rule(rule! {
        when named("every"), adds [leaf],
        then |grow, _node| { let _ = grow.add(leaf::new(8_u64)); }
    });
    flow.rule(rule! { when failed(first), then |_grow, _error| {} });
    (flow, every)
}
