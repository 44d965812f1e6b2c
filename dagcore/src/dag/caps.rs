//! How far a run may grow.

/// How far a run may grow before it is stopped. The defaults are generous: they are there for rules that never come
/// to an end.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::Caps;
/// #[stage]
/// fn count(n: u64) -> u64 {
///     n
/// }
///
/// rule! {
///     /// Never comes to an end.
///     on_and_on: when each(count), adds [count],
///     then |grow, _node, n| { grow.add(count::new(n + 1)); }
/// }
///
/// let mut flow = Workflow::new("endless").rules(rules![on_and_on]).caps(Caps::default().nodes(1_000));
/// flow.add(count::new(0));
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert_eq!(report.len(), 1_000);
/// assert!(report.stopped().is_some_and(|why| why.contains("rule `on_and_on`") && why.contains("1000 nodes")));
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Caps {
    pub(crate) nodes: usize,
    pub(crate) rules: usize,
    pub(crate) firings: usize,
    pub(crate) depth: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self { nodes: 10_000_000, rules: 1_000_000, firings: 10_000_000, depth: 2_000_000 }
    }
}

impl Caps {
    /// The most nodes: 10,000,000 unless said otherwise.
    pub fn nodes(mut self, most: usize) -> Self {
        self.nodes = most;
        self
    }

    /// The most rules: 1,000,000 unless said otherwise.
    pub fn rules(mut self, most: usize) -> Self {
        self.rules = most;
        self
    }

    /// The most firings of rules: 10,000,000 unless said otherwise.
    pub fn firings(mut self, most: usize) -> Self {
        self.firings = most;
        self
    }

    /// The most firings along any line of the lineage: 2,000,000 unless said otherwise.
    pub fn depth(mut self, most: u32) -> Self {
        self.depth = most;
        self
    }
}
