//! Failed attempts that were followed by a retry.

use crate::dag::base::errors::NodeError;
use crate::dag::base::ids::{NodeId, Time};
use std::collections::{BTreeSet, HashMap};

/// A failed attempt that was followed by another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Start of the attempt.
    pub started: Time,
    /// End of the attempt.
    pub ended: Time,
    /// Earliest start of the next attempt.
    pub until: Time,
    /// The error of the attempt.
    pub error: NodeError,
}

/// The failed attempts of all nodes, and the nodes that wait for their next attempt. Stored apart from the node
/// records, because few nodes have any.
#[derive(Default)]
pub(crate) struct Attempts {
    failed: HashMap<NodeId, Vec<Attempt>>,
    /// The number of failed attempts of all nodes.
    count: usize,
    delays: BTreeSet<(Time, NodeId)>,
}

impl Attempts {
    /// Returns the failed attempts of one node, in order.
    pub(crate) fn of(&self, node: NodeId) -> &[Attempt] {
        self.failed.get(&node).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn failed(&mut self, node: NodeId, attempt: Attempt) {
        self.count += 1;
        self.delays.insert((attempt.until, node));
        self.failed.entry(node).or_default().push(attempt);
    }

    /// Returns the node whose delay ends first, and the time at which it ends.
    #[inline]
    pub(crate) fn next(&self) -> Option<(Time, NodeId)> {
        self.delays.first().copied()
    }

    /// Removes a node from the nodes that wait for their next attempt.
    pub(crate) fn resume(&mut self, node: NodeId) {
        if let Some(last) = self.of(node).last() {
            self.delays.remove(&(last.until, node));
        }
    }
}
