//! What failed, what was cancelled, and what did not run because of it.

use super::Report;
use crate::dag::{Attempt, NodeError, NodeId, RuleError};
use crate::typed::AnyNode;

impl Report {
    /// The attempts to run a node that failed and were not the last, in their order; none when the handle belongs to another
    /// workflow.
    pub fn failed_attempts(&self, node: impl Into<AnyNode>) -> &[Attempt] {
        self.own(node.into()).map_or(&[], |node| self.graph().failed_attempts(node))
    }

    /// The failures of nodes, in the order of the lineage, which is the same in every run.
    pub fn failures(&self) -> impl Iterator<Item = &NodeError> {
        self.errors().filter(|error| !error.is_cancelled())
    }

    /// The nodes that were cancelled, in the order of the lineage: each with by whom.
    pub fn cancelled(&self) -> impl Iterator<Item = &NodeError> {
        self.errors().filter(|error| error.is_cancelled())
    }

    /// The failures of rules, in the order in which they happened.
    pub fn rule_failures(&self) -> &[RuleError] {
        self.machine.rule_errors()
    }

    /// The nodes that did not run, each with the failure because of which, in the order in which they were added.
    pub fn skipped(&self) -> impl Iterator<Item = (String, &NodeError)> {
        let mut nodes: Vec<(NodeId, NodeId)> =
            self.graph().skips.iter().map(|(node, skip)| (*node, skip.because)).collect();
        nodes.sort_unstable();
        nodes.into_iter().filter_map(|(node, because)| Some((self.graph().name(node), self.graph().error(because)?)))
    }

    /// The errors of the nodes that failed or were cancelled, in the order of the lineage.
    fn errors(&self) -> impl Iterator<Item = &NodeError> {
        let nodes = if self.graph().errors.is_empty() { Vec::new() } else { self.machine.all_in_lineage_order() };
        nodes.into_iter().filter_map(|node| self.graph().error(node))
    }
}
