//! The attempts to run a node that failed and were followed by another.

use crate::dag::base::errors::NodeError;
use crate::dag::base::ids::{NodeId, Time};
use std::collections::{BTreeSet, HashMap};

/// An attempt to run a node that failed, and was not the last.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// When it began.
    pub started: Time,
    /// When it failed.
    pub ended: Time,
    /// When the next one may begin.
    pub until: Time,
    /// Why it failed.
    pub error: NodeError,
}

/// The failed attempts of all nodes, which few nodes have, and the nodes that wait after one.
#[derive(Default)]
pub(crate) struct Attempts {
    failed: HashMap<NodeId, Vec<Attempt>>,
    /// How many there are, of all nodes together.
    count: usize,
    delays: BTreeSet<(Time, NodeId)>,
}

impl Attempts {
    /// Those of one node, in their order.
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

    /// The next node whose delay is over, and when that is.
    #[inline]
    pub(crate) fn next(&self) -> Option<(Time, NodeId)> {
        self.delays.first().copied()
    }

    /// A node does not wait any more.
    pub(crate) fn resume(&mut self, node: NodeId) {
        if let Some(last) = self.of(node).last() {
            self.delays.remove(&(last.until, node));
        }
    }
}
