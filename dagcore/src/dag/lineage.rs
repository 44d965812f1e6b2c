//! Which firing added a node: a tree over the nodes, apart from the edges.
//!
//! A firing that was bound to one node has that node as its parent; any other hangs where the firing hangs
//! whose body registered its rule, or on the root. The order of a tree's children depends on rules, positions
//! and keys only, never on time, so a list in lineage order is the same in every run.

use super::id::{FiringId, NodeId, RuleId};
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct Firing {
    pub(super) rule: RuleId,
    pub(super) bound: NodeId,
    pub(super) parent: NodeId,
    pub(super) first: NodeId,
    pub(super) count: u32,
    /// How many firings of the same rule there are along the line that ends with this one, where the rule wants
    /// to know.
    pub(super) nth: u32,
    /// How many firings there are along that line before this one.
    pub(super) depth: u32,
    /// The next firing with the same parent.
    pub(super) next: FiringId,
}

/// The firings of a run. The program's own additions are firings of no rule.
#[derive(Default, Debug)]
pub(crate) struct Lineage {
    firings: Vec<Firing>,
    /// The firings whose parent is the root.
    pub(super) roots: Vec<FiringId>,
    /// The nodes that have a key which is unique in the run; their parent is the root.
    keyed: Vec<NodeId>,
    /// Those whose key is unique below a node, which is their parent.
    keyed_under: HashMap<NodeId, Vec<NodeId>>,
}

impl Lineage {
    pub(super) fn parent(&self, firing: FiringId) -> Option<NodeId> {
        Some(self.firings.get(firing.index())?.parent).filter(|parent| parent.is_some())
    }

    pub(super) fn get(&self, firing: FiringId) -> Option<&Firing> {
        self.firings.get(firing.index())
    }

    /// The nodes that a firing added, in the order of its body.
    pub(super) fn nodes(&self, firing: FiringId) -> impl Iterator<Item = NodeId> + use<> {
        let (first, count) = self.firings.get(firing.index()).map_or((0, 0), |f| (f.first.0, f.count));
        (first..first + count).map(NodeId)
    }

    pub(super) fn next_id(&self) -> FiringId {
        FiringId::from_index(self.firings.len())
    }

    /// How many firings have added nodes.
    pub(super) fn growths(&self) -> usize {
        self.firings.iter().filter(|firing| firing.count > 0).count()
    }

    pub(super) fn push(&mut self, firing: Firing) {
        if !firing.parent.is_some() {
            self.roots.push(self.next_id());
        }
        self.firings.push(firing);
    }

    pub(super) fn note_keyed(&mut self, node: NodeId, under: Option<NodeId>) {
        match under {
            None => self.keyed.push(node),
            Some(under) => self.keyed_under.entry(under).or_default().push(node),
        }
    }

    /// The nodes with keys whose parent is this one, or the root.
    pub(super) fn keyed(&self, under: Option<NodeId>) -> &[NodeId] {
        match under {
            None => &self.keyed,
            Some(under) => self.keyed_under.get(&under).map_or(&[], Vec::as_slice),
        }
    }
}
