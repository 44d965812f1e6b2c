//! How far a run may grow.

/// How far a run may grow before it is stopped. The defaults are generous: they are there for rules and retries that
/// never come to an end.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::GrowthLimits;
/// #[stage]
/// fn count(n: u64) -> u64 {
///     n
/// }
///
/// let mut flow = Workflow::new("endless").growth_limits(GrowthLimits::default().nodes(1_000));
/// flow.add(count::new(0));
/// // It does not say what it adds, so nobody can see beforehand that it never comes to an end.
/// flow.rule(rule! {
///     when each(count),
///     then |grow, _node, n| { grow.add(count::new(n + 1)); }
/// });
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert_eq!(report.len(), 1_000);
/// assert!(report.stopped().is_some_and(|why| why.contains("would bring the run to more than 1000 nodes")));
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct GrowthLimits {
    pub(crate) nodes: usize,
    pub(crate) rules: usize,
    pub(crate) firings: usize,
    pub(crate) depth: u32,
    pub(crate) attempts: usize,
}

impl Default for GrowthLimits {
    fn default() -> Self {
        Self { nodes: 10_000_000, rules: 1_000_000, firings: 10_000_000, depth: 2_000_000, attempts: 1_000_000 }
    }
}

impl GrowthLimits {
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

    /// The most failed attempts that are followed by another, of all nodes together: 1,000,000 unless said otherwise.
    /// The report keeps each of them.
    pub fn attempts(mut self, most: usize) -> Self {
        self.attempts = most;
        self
    }
}
