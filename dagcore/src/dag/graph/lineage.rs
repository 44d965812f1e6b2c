//! The lineage: a tree over the nodes, separate from the edges, that records which firing added each node.
//!
//! The parent of a firing is the node that it was bound to. A firing that was not bound to a node has the parent of the
//! firing whose body registered its rule, or else the root. The order of siblings depends on rules, positions and keys
//! only, never on time, so a list in lineage order is the same in every run.

use crate::dag::base::ids::{FiringId, NodeId, RuleId};
use std::collections::HashMap;

/// A firing: the nodes that one rule body, one running node or the program added together.
#[derive(Debug)]
pub(crate) struct Firing {
    pub(crate) rule: RuleId,
    pub(crate) bound: NodeId,
    pub(crate) parent: NodeId,
    pub(crate) first: NodeId,
    pub(crate) count: u32,
    /// How often rules with a `within` have fired along the line of the lineage that ends with this firing.
    pub(crate) times: Times,
    /// The number of firings along that line before this one.
    pub(crate) depth: u32,
    /// The next firing with the same parent.
    pub(crate) next: FiringId,
}

/// The origin of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddedBy {
    Program,
    Rule(RuleId),
    /// A running node.
    Node(NodeId),
}

impl Firing {
    pub(crate) fn by(&self) -> AddedBy {
        match (self.rule, self.bound) {
            (rule, _) if rule.is_some() => AddedBy::Rule(rule),
            (_, inside) if inside.is_some() => AddedBy::Node(inside),
            _ => AddedBy::Program,
        }
    }
}

/// How often rules with a `within` have fired along a line of the lineage. The count of the latest such rule is inline,
/// those of the others are in a shared list. So a line with one such rule needs no memory of its own, and a query needs
/// no walk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    rule: RuleId,
    count: u32,
    others: u32,
}

impl Times {
    pub(crate) const NONE: Self = Self { rule: RuleId::NONE, count: 0, others: u32::MAX };
}

/// The firings of a run. Additions of the program are recorded as firings of no rule.
#[derive(Default, Debug)]
pub(crate) struct Lineage {
    firings: Vec<Firing>,
    /// The firings whose parent is the root.
    pub(crate) roots: Vec<FiringId>,
    /// The nodes whose key is unique in the run; their parent is the root.
    keyed: Vec<NodeId>,
    /// The nodes whose key is unique below a node; that node is their parent.
    keyed_under: HashMap<NodeId, Vec<NodeId>>,
    /// The lists that [`Times::others`] refers to.
    others: Vec<Vec<(RuleId, u32)>>,
}

impl Lineage {
    pub(crate) fn parent(&self, firing: FiringId) -> Option<NodeId> {
        Some(self.firings.get(firing.index())?.parent).filter(|parent| parent.is_some())
    }

    pub(crate) fn get(&self, firing: FiringId) -> Option<&Firing> {
        self.firings.get(firing.index())
    }

    /// Returns the nodes that a firing added, in the order of its body.
    pub(crate) fn nodes(&self, firing: FiringId) -> impl Iterator<Item = NodeId> + use<> {
        let (first, count) = self.firings.get(firing.index()).map_or((0, 0), |f| (f.first.0, f.count));
        (first..first + count).map(NodeId)
    }

    pub(crate) fn next_id(&self) -> FiringId {
        FiringId::from_index(self.firings.len())
    }

    /// Returns the number of firings that added nodes.
    pub(crate) fn growths(&self) -> usize {
        self.firings.iter().filter(|firing| firing.count > 0).count()
    }

    /// Extends the last firing by `count` nodes if it is one of the program, so that consecutive additions of the
    /// program before the run count as one firing.
    pub(crate) fn go_on(&mut self, count: u32) -> Option<FiringId> {
        let last = self.firings.last_mut().filter(|last| last.by() == AddedBy::Program)?;
        last.count += count;
        Some(FiringId::from_index(self.firings.len() - 1))
    }

    #[inline]
    pub(crate) fn push(&mut self, firing: Firing) {
        if !firing.parent.is_some() {
            self.roots.push(self.next_id());
        }
        self.firings.push(firing);
    }

    pub(crate) fn note_keyed(&mut self, node: NodeId, under: Option<NodeId>) {
        match under {
            None => self.keyed.push(node),
            Some(under) => self.keyed_under.entry(under).or_default().push(node),
        }
    }

    /// Returns how often a rule has fired along a line.
    #[inline]
    pub(crate) fn count(&self, times: Times, rule: RuleId) -> u32 {
        if times.rule == rule {
            return times.count;
        }
        let others = self.others.get(times.others as usize).into_iter().flatten();
        others.copied().find(|(other, _)| *other == rule).map_or(0, |(_, count)| count)
    }

    /// Extends a line by a firing of this rule, which is counted.
    #[inline]
    pub(crate) fn count_one(&mut self, times: Times, rule: RuleId) -> Times {
        let count = self.count(times, rule) + 1;
        if times.rule == rule || !times.rule.is_some() {
            return Times { rule, count, ..times };
        }
        // Copied and never changed in place, because other lines may refer to the same list.
        let known = self.others.get(times.others as usize).into_iter().flatten();
        let mut others: Vec<(RuleId, u32)> = known.copied().filter(|(other, _)| *other != rule).collect();
        others.push((times.rule, times.count));
        self.others.push(others);
        Times { rule, count, others: self.others.len() as u32 - 1 }
    }

    /// Returns the nodes with keys whose parent is `under`, or the root.
    pub(crate) fn keyed(&self, under: Option<NodeId>) -> &[NodeId] {
        match under {
            None => &self.keyed,
            Some(under) => self.keyed_under.get(&under).map_or(&[], Vec::as_slice),
        }
    }
}
