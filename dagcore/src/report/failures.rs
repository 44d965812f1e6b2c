//! The nodes and rules that failed, were cancelled or were skipped.

use super::Report;
use crate::dag::{Attempt, NodeError, NodeId, RuleError};
use crate::typed::AnyNode;

impl Report {
    /// Returns the failed attempts of a node, except for its last attempt, in order. Empty if the handle belongs to
    /// another workflow.
    pub fn failed_attempts(&self, node: impl Into<AnyNode>) -> &[Attempt] {
        self.own(node.into()).map_or(&[], |node| self.graph().failed_attempts(node))
    }

    /// Returns the failures of nodes, in lineage order, which is the same in every run.
    pub fn failures(&self) -> impl Iterator<Item = &NodeError> {
        self.errors().filter(|error| !error.is_cancelled())
    }

    /// Returns the errors of the cancelled nodes, in lineage order. Each has the reason of the cancellation.
    pub fn cancelled(&self) -> impl Iterator<Item = &NodeError> {
        self.errors().filter(|error| error.is_cancelled())
    }

    /// Returns the failures of rules, in the order in which they happened.
    pub fn rule_failures(&self) -> &[RuleError] {
        self.machine.rule_errors()
    }

    /// Returns the skipped nodes, each with the failure that caused it, in the order in which they were added.
    pub fn skipped(&self) -> impl Iterator<Item = (String, &NodeError)> {
        let mut nodes: Vec<(NodeId, NodeId)> =
            self.graph().skips.iter().map(|(node, skip)| (*node, skip.because)).collect();
        nodes.sort_unstable();
        nodes.into_iter().filter_map(|(node, because)| Some((self.graph().name(node), self.graph().error(because)?)))
    }

    /// Returns the errors of the nodes that failed or were cancelled, in lineage order.
    fn errors(&self) -> impl Iterator<Item = &NodeError> {
        let nodes = if self.graph().errors.is_empty() { Vec::new() } else { self.machine.all_in_lineage_order() };
        nodes.into_iter().filter_map(|node| self.graph().error(node))
    }
}
