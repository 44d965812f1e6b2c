//! Queries on the lineage: the descendants of a node, and the firings along the line that ends with it.

use super::Graph;
use super::lineage::{Firing, Times};
use crate::dag::base::ids::{FiringId, NodeId, RuleId};

impl Graph {
    /// Iterates over the firings whose lineage parent is `node`, newest first.
    pub(crate) fn firings_of(&self, node: NodeId) -> impl Iterator<Item = (FiringId, &Firing)> {
        let first = self.nodes.get(node.index()).map_or(FiringId::NONE, |record| record.first_firing);
        let known = |id| self.lineage.get(id).map(|firing| (id, firing));
        std::iter::successors(known(first), move |(_, firing)| known(firing.next))
    }

    /// Iterates over a node and its descendants in the lineage, in an unspecified order.
    pub(crate) fn all_below(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let mut todo = vec![node];
        std::iter::from_fn(move || {
            let node = todo.pop()?;
            self.push_lineage_children(node, &mut todo);
            Some(node)
        })
    }

    /// Appends the children of a node in the lineage.
    #[inline]
    pub(crate) fn push_lineage_children(&self, node: NodeId, into: &mut Vec<NodeId>) {
        into.extend(self.lineage.keyed(Some(node)));
        for (firing, _) in self.firings_of(node) {
            into.extend(self.lineage.nodes(firing).filter(|node| !self.nodes[node.index()].keyed));
        }
    }

    /// Returns the number of firings along the line of the lineage that ends with `node`.
    #[inline]
    pub(crate) fn depth_under(&self, node: NodeId) -> u32 {
        let Some(record) = self.nodes.get(node.index()) else { return 0 };
        let above = match self.lineage.get(record.firing).filter(|_| !record.keyed) {
            Some(firing) => firing.depth,
            None => self.keyed_depth(node),
        };
        above + 1
    }

    /// Returns how often rules with a `within` have fired along the line of the lineage that ends with `node`.
    #[inline]
    pub(crate) fn times_above(&self, node: NodeId) -> Times {
        let known = Some(node).filter(|node| self.contains(*node));
        let mut line = std::iter::successors(known, |node| self.lineage_parent(*node));
        let own = line.find_map(|node| {
            let record = &self.nodes[node.index()];
            self.lineage.get(record.firing).filter(|_| !record.keyed)
        });
        own.map_or(Times::NONE, |firing| firing.times)
    }

    /// Returns how often `rule` has fired along the line of the lineage that ends with `node`.
    #[inline]
    pub(crate) fn times_along(&self, rule: RuleId, node: NodeId) -> u32 {
        self.lineage.count(self.times_above(node), rule)
    }

    /// Records a firing; the caller adds its nodes next.
    #[inline]
    pub(crate) fn push_firing(&mut self, mut firing: Firing) {
        let id = self.lineage.next_id();
        if let Some(parent) = self.nodes.get_mut(firing.parent.index()) {
            firing.next = std::mem::replace(&mut parent.first_firing, id);
        }
        self.lineage.push(firing);
    }
}
