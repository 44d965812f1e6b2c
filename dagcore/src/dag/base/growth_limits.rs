//! Limits on the growth of a run.

/// Limits on the growth of a run; a run that reaches one is stopped. The defaults are generous: they catch rules and
/// retries that never terminate.
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
/// // The rule declares no additions, so no check before the run can detect that it never terminates.
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
    /// Sets the maximum number of nodes (default: 10,000,000).
    pub fn nodes(mut self, most: usize) -> Self {
        self.nodes = most;
        self
    }

    /// Sets the maximum number of rules (default: 1,000,000).
    pub fn rules(mut self, most: usize) -> Self {
        self.rules = most;
        self
    }

    /// Sets the maximum number of rule firings (default: 10,000,000).
    pub fn firings(mut self, most: usize) -> Self {
        self.firings = most;
        self
    }

    /// Sets the maximum number of firings along any line of the lineage (default: 2,000,000).
    pub fn depth(mut self, most: u32) -> Self {
        self.depth = most;
        self
    }

    /// Sets the maximum number of failed attempts that are followed by a retry, over all nodes (default: 1,000,000).
    /// The report keeps each of them.
    pub fn attempts(mut self, most: usize) -> Self {
        self.attempts = most;
        self
    }
}
