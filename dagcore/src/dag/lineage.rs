//! Which firing added a node: a tree over the nodes, apart from the edges.
//!
//! A firing that was bound to one node has that node as its parent; any other hangs where the firing hangs
//! whose body registered its rule, or on the root. The order of a tree's children depends on rules, positions
//! and keys only, never on time, so a list in lineage order is the same in every run.

use super::graph::Graph;
use super::id::{FiringId, NodeId, RuleId, StageId};
use super::rule::Rules;
use std::cmp::Ordering;

#[derive(Debug)]
pub(super) struct Firing {
    pub(super) rule: RuleId,
    pub(super) bound: NodeId,
    parent: NodeId,
    first: NodeId,
    count: u32,
    next: FiringId,
}

/// The firings of a run. The program's own additions are firings of no rule.
#[derive(Default, Debug)]
pub(crate) struct Lineage {
    firings: Vec<Firing>,
    roots: Vec<FiringId>,
    keyed: Vec<NodeId>,
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

    pub(super) fn note_keyed(&mut self, node: NodeId) {
        self.keyed.push(node);
    }
}

impl Graph {
    /// Records a firing that adds the `count` nodes from `first` on.
    pub(super) fn push_firing(&mut self, rule: RuleId, bound: NodeId, parent: NodeId, first: NodeId, count: u32) {
        let id = self.lineage.next_id();
        let next = match self.nodes.get_mut(parent.index()) {
            Some(parent) => std::mem::replace(&mut parent.first_firing, id),
            None => {
                self.lineage.roots.push(id);
                FiringId::NONE
            }
        };
        self.lineage.firings.push(Firing { rule, bound, parent, first, count, next });
    }

    /// The nodes of `stage` in the order of the lineage: parents before what was added for them, siblings by
    /// rule and then by position in the body, keyed nodes last and by key. Linear in the size of the graph.
    pub(super) fn in_lineage_order(&self, stage: StageId, rules: &Rules) -> Vec<NodeId> {
        let nodes = self.nodes_of(stage);
        let firing_of = |node: &NodeId| self.nodes[node.index()].firing;
        let alike = nodes.first().is_none_or(|first| {
            nodes.iter().all(|node| firing_of(node) == firing_of(first) && !self.nodes[node.index()].keyed)
        });
        if alike {
            return nodes.to_vec(); // one firing's nodes are in the order of its body already
        }
        let mut found = Vec::with_capacity(nodes.len());
        let mut keyed = self.lineage.keyed.clone();
        keyed.sort_by_cached_key(|node| {
            (self.stage_info(self.nodes[node.index()].stage).name, self.key(*node).unwrap_or_default().to_owned())
        });
        let mut todo: Vec<NodeId> = keyed;
        todo.reverse();
        self.push_children(&mut todo, &mut self.lineage.roots.clone(), rules);
        while let Some(node) = todo.pop() {
            if self.nodes[node.index()].stage == stage {
                found.push(node);
            }
            let mut firings = Vec::new();
            let mut next = self.nodes[node.index()].first_firing;
            while let Some(firing) = self.lineage.get(next) {
                firings.push(next);
                next = firing.next;
            }
            if !firings.is_empty() {
                self.push_children(&mut todo, &mut firings, rules);
            }
        }
        found
    }

    /// Puts the nodes of sibling firings on the stack, so that they are taken in order.
    fn push_children(&self, todo: &mut Vec<NodeId>, firings: &mut [FiringId], rules: &Rules) {
        firings.sort_by(|a, b| self.compare_firings(*b, *a, rules));
        for firing in firings {
            let from = todo.len();
            todo.extend(self.lineage.nodes(*firing).filter(|node| !self.nodes[node.index()].keyed));
            todo[from..].reverse();
        }
    }

    fn compare_firings(&self, a: FiringId, b: FiringId, rules: &Rules) -> Ordering {
        let (Some(x), Some(y)) = (self.lineage.get(a), self.lineage.get(b)) else { return a.cmp(&b) };
        if x.rule != y.rule {
            return self.compare_rules(x.rule, y.rule, rules);
        }
        if x.bound == y.bound { a.cmp(&b) } else { self.compare_nodes(x.bound, y.bound, rules) }
    }

    /// The program's additions come first, then rules in the order of their registration; of rules that bodies
    /// registered, the one whose firing comes first.
    fn compare_rules(&self, a: RuleId, b: RuleId, rules: &Rules) -> Ordering {
        let (mut x, mut y) = (rules.chain(a, &self.lineage), rules.chain(b, &self.lineage));
        let differ = loop {
            match (x.pop(), y.pop()) {
                (Some(p), Some(q)) if p == q => {}
                differ => break differ,
            }
        };
        match differ {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some((scope, p)), Some((other, q))) if scope == other => p.cmp(&q),
            (Some((scope, p)), Some((other, q))) => {
                let bound = |scope| self.lineage.get(scope).map_or(NodeId::NONE, |firing: &Firing| firing.bound);
                self.compare_nodes(bound(scope), bound(other), rules).then(p.cmp(&q))
            }
        }
    }

    fn compare_nodes(&self, a: NodeId, b: NodeId, rules: &Rules) -> Ordering {
        let (mut x, mut y) = (self.ancestors(a), self.ancestors(b));
        let differ = loop {
            match (x.pop(), y.pop()) {
                (Some(p), Some(q)) if p == q => {}
                differ => break differ,
            }
        };
        let (p, q) = match differ {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(p), Some(q)) => (p, q),
        };
        let (Some(one), Some(two)) = (self.nodes.get(p.index()), self.nodes.get(q.index())) else {
            return p.cmp(&q);
        };
        match (one.keyed, two.keyed) {
            (true, true) => {
                let name = |stage| self.stage_info(stage).name;
                (name(one.stage), self.key(p)).cmp(&(name(two.stage), self.key(q)))
            }
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if one.firing == two.firing => p.cmp(&q),
            (false, false) => self.compare_firings(one.firing, two.firing, rules),
        }
    }

    /// `node` and its ancestors in the lineage, the root's child last.
    fn ancestors(&self, node: NodeId) -> Vec<NodeId> {
        std::iter::successors(Some(node).filter(|node| node.is_some()), |node| self.lineage_parent(*node)).collect()
    }
}
