//! The remaining paths of nodes: the longest sum of expected durations from a node through its dependents.
//!
//! Lengths are maintained while the graph grows. A new node or edge can only lengthen the paths above it, so it is
//! enough to walk up from what is new, and only as far as a length changes.
//!
//! A node at the end of a long path still lengthens all of it. So a long walk is not repeated immediately: the next one
//! waits until enough lookups have amortized it. Each lookup adds new nodes and updates the paths directly above them.

use crate::dag::base::ids::NodeId;
use crate::dag::graph::Graph;
use std::collections::BinaryHeap;

/// The lengths of the remaining paths of all nodes.
#[derive(Default)]
pub(crate) struct Lengths {
    /// Lengths in nanoseconds, up to the last node that was added.
    lengths: Vec<u64>,
    /// The nodes to walk up from, newest first, because a newer node is below the older ones.
    todo: BinaryHeap<NodeId>,
    /// Nodes that have received more parents since the last lookup.
    fed: Vec<NodeId>,
    /// The number of paths that the last walk lengthened, minus the amount amortized by lookups since.
    owed: usize,
}

/// Number of lengthened paths that one lookup amortizes. A walk that lengthens no more than this is never deferred.
const PER_LOOK: usize = 64;

/// The duration, in nanoseconds, of a node without an expected duration.
const UNSAID: u64 = 1;

impl Lengths {
    /// Returns the length of a node's path, as far as it is known.
    pub(crate) fn of(&self, graph: &Graph, node: NodeId) -> u64 {
        self.lengths.get(node.index()).copied().unwrap_or_else(|| own(graph, node))
    }

    /// Records that a node has received more parents.
    pub(crate) fn feed(&mut self, node: NodeId) {
        self.fed.push(node);
    }

    /// Returns `true` if there are nodes or edges that have not been processed.
    pub(crate) fn is_behind(&self, graph: &Graph) -> bool {
        self.lengths.len() < graph.len() || !self.fed.is_empty() || !self.todo.is_empty()
    }

    /// Adds new nodes, and walks up from them unless that is deferred. Returns the nodes that are new or whose paths
    /// have grown.
    pub(crate) fn catch_up(&mut self, graph: &Graph) -> Vec<NodeId> {
        let mut grown = Vec::new();
        let first = self.lengths.len();
        self.lengths.extend((first..graph.len()).map(|index| own(graph, NodeId::from_index(index))));
        for node in (first..graph.len()).rev().map(NodeId::from_index) {
            self.walk_up(graph, node, &mut |parent| parent.index() >= first, &mut grown);
        }
        self.todo.extend(self.fed.drain(..));
        self.owed = self.owed.saturating_sub(PER_LOOK);
        if self.owed == 0 {
            self.walk_on(graph, &mut grown);
            self.owed = grown.len();
        }
        grown.extend((first..graph.len()).map(NodeId::from_index));
        grown
    }

    fn walk_on(&mut self, graph: &Graph, grown: &mut Vec<NodeId>) {
        while let Some(node) = self.todo.pop() {
            // Duplicates are adjacent in the heap's order: process only the last.
            if self.todo.peek() != Some(&node) {
                self.walk_up(graph, node, &mut |_| false, grown);
            }
        }
    }

    /// Lengthens the paths of a node's parents. Parents to walk up from later are recorded, unless `comes_anyway`.
    fn walk_up(
        &mut self,
        graph: &Graph,
        node: NodeId,
        comes_anyway: &mut dyn FnMut(NodeId) -> bool,
        grown: &mut Vec<NodeId>,
    ) {
        let Some(below) = self.lengths.get(node.index()).copied() else { return };
        for edge in graph.parents(node) {
            let parent = edge.from;
            let Some(length) = self.lengths.get_mut(parent.index()) else { continue };
            let longer = own(graph, parent).saturating_add(below);
            if longer <= *length || graph.state(parent).is_none_or(|state| state.is_settled()) {
                continue;
            }
            *length = longer;
            if parent > node || !comes_anyway(parent) {
                self.todo.push(parent);
                grown.push(parent);
            }
        }
    }
}

fn own(graph: &Graph, node: NodeId) -> u64 {
    graph.expected(node).map_or(UNSAID, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}
