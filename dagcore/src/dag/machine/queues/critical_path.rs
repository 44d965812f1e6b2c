//! The remaining paths of nodes: how long each is expected to take, with what needs it along the longest way.
//!
//! A length is kept right while the graph grows: a node that is added, or an edge, can only lengthen the paths above it.
//! So it is enough to walk up from what is new, and no further than a length changes.
//!
//! Still a node at the end of a long path lengthens all of it. So a walk that was long is not repeated at once: the next one
//! waits until there have been as many looks as make up for it. New nodes are taken in at every look, and the paths right above
//! them.

use crate::dag::base::ids::NodeId;
use crate::dag::graph::Graph;
use std::collections::BinaryHeap;

#[derive(Default)]
pub(crate) struct Lengths {
    /// In nanoseconds, up to the last node that was taken in.
    lengths: Vec<u64>,
    /// What is to be walked up from: the newest first, because it is below whatever is older.
    todo: BinaryHeap<NodeId>,
    /// Nodes that have got more parents since.
    fed: Vec<NodeId>,
    /// How many paths the last walk has lengthened, less what looks have made up for since.
    owed: usize,
}

/// So many lengthened paths are made up for by one look. A walk that lengthens no more than these is never put off.
const PER_LOOK: usize = 64;

/// How long a node counts of which nothing is said.
const UNSAID: u64 = 1;

impl Lengths {
    /// The length of a node's path, as far as it is known.
    pub(crate) fn of(&self, graph: &Graph, node: NodeId) -> u64 {
        self.lengths.get(node.index()).copied().unwrap_or_else(|| own(graph, node))
    }

    /// Notes that a node has got more parents.
    pub(crate) fn feed(&mut self, node: NodeId) {
        self.fed.push(node);
    }

    /// Whether there are nodes or edges that have not been taken in.
    pub(crate) fn is_behind(&self, graph: &Graph) -> bool {
        self.lengths.len() < graph.len() || !self.fed.is_empty() || !self.todo.is_empty()
    }

    /// Takes in what is new, and walks up from it unless that is put off. Returns the nodes that are new or whose paths have
    /// grown.
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
            if self.todo.peek() != Some(&node) {
                self.walk_up(graph, node, &mut |_| false, grown);
            }
        }
    }

    /// Lengthens the paths of a node's parents. Those that are to be walked up from later are noted, unless
    /// `comes_anyway`.
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
