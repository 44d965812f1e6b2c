//! Iteration in lineage order, which is the same in every run.
//!
//! Siblings are ordered by rule, by position in the body, and by key: never by an id or by time.

use super::Graph;
use super::lineage::Firing;
use crate::dag::base::ids::{FiringId, NodeId, RuleId, StageId};
use crate::dag::rules::rule_table::Rules;
use std::cmp::Ordering;

impl Graph {
    /// Returns the nodes of `stage` in lineage order: parents before their descendants, siblings by rule and then by
    /// position in the body, nodes with keys last and by key. Walks the graph once and sorts siblings.
    pub(crate) fn in_lineage_order(&self, stage: StageId, rules: &Rules) -> Vec<NodeId> {
        let nodes = self.nodes_of(stage);
        let firing_of = |node: &NodeId| self.nodes[node.index()].firing;
        let alike = nodes.first().is_none_or(|first| {
            nodes.iter().all(|node| firing_of(node) == firing_of(first) && !self.nodes[node.index()].keyed)
        });
        if alike {
            return nodes.to_vec(); // the nodes of one firing are already in the order of its body
        }
        self.walk(rules, |node| self.nodes[node.index()].stage == stage)
    }

    /// Returns the nodes for which `wanted` is true, in lineage order.
    pub(crate) fn walk(&self, rules: &Rules, wanted: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        let mut todo = Vec::new();
        self.push_keyed(&mut todo, None);
        self.push_children(&mut todo, &mut self.lineage.roots.clone(), rules);
        self.walk_on(todo, rules, wanted)
    }

    /// Returns the nodes of `stage` below `above`, in lineage order. Walks the descendants of `above`.
    pub(crate) fn below(&self, above: NodeId, stage: StageId, rules: &Rules) -> Vec<NodeId> {
        let wanted = |node: NodeId| node != above && self.nodes[node.index()].stage == stage;
        self.walk_on(vec![above], rules, wanted)
    }

    fn walk_on(&self, mut todo: Vec<NodeId>, rules: &Rules, wanted: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        let mut found = Vec::new();
        while let Some(node) = todo.pop() {
            if wanted(node) {
                found.push(node);
            }
            self.push_keyed(&mut todo, Some(node));
            let mut firings: Vec<FiringId> = self.firings_of(node).map(|(id, _)| id).collect();
            self.push_children(&mut todo, &mut firings, rules);
        }
        found
    }

    /// Pushes the nodes with keys below a node onto the stack, in reverse order, so that they are popped in order.
    fn push_keyed(&self, todo: &mut Vec<NodeId>, under: Option<NodeId>) {
        let from = todo.len();
        todo.extend(self.lineage.keyed(under));
        todo[from..].sort_by_cached_key(|node| {
            (self.stage_info(self.nodes[node.index()].stage).name, self.key(*node).unwrap_or_default().to_owned())
        });
        todo[from..].reverse();
    }

    /// Pushes the nodes of sibling firings onto the stack, in reverse order, so that they are popped in order.
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

    /// Compares two rules. Additions of the program come first, then rules in the order of their registration; rules
    /// registered by bodies are ordered by the firings that registered them.
    fn compare_rules(&self, a: RuleId, b: RuleId, rules: &Rules) -> Ordering {
        let (mut x, mut y) = (self.registrations(a, rules), self.registrations(b, rules));
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

    /// Returns where a rule was registered, where the rule of that firing was registered, and so on up to the program.
    fn registrations(&self, rule: RuleId, rules: &Rules) -> Vec<(FiringId, u32)> {
        let mut chain = Vec::new();
        let mut next = rule;
        while let Some(place) = rules.place(next) {
            chain.push(place);
            next = self.lineage.get(place.0).map_or(RuleId::NONE, |firing| firing.rule);
        }
        chain
    }

    fn compare_nodes(&self, a: NodeId, b: NodeId, rules: &Rules) -> Ordering {
        // From the root down to the first ancestors that differ.
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

    /// Returns `node` and its ancestors in the lineage, the root's child last.
    fn ancestors(&self, node: NodeId) -> Vec<NodeId> {
        std::iter::successors(Some(node).filter(|node| node.is_some()), |node| self.lineage_parent(*node)).collect()
    }
}
