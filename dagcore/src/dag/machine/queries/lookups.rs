//! Lookups: names, counts, and the lineage.

use crate::dag::base::errors::RuleError;
use crate::dag::base::escaping::Name;
use crate::dag::base::fingerprints::Prints;
use crate::dag::base::first_few::Few;
use crate::dag::base::ids::{NodeId, RuleId, StageId};
use crate::dag::base::keys::{Key, KeyedNode};
use crate::dag::graph::lineage::{AddedBy, Firing};
use crate::dag::graph::paths::Paths;
use crate::dag::machine::Machine;
use crate::dag::rules::rule_spec::Binding;

impl Machine {
    /// Returns `true` if no node or rule failed, apart from tolerated failures, and the run was not stopped.
    pub fn is_success(&self) -> bool {
        self.rule_errors.is_empty() && self.stopped.is_none() && self.graph.has_only_tolerated(&self.tolerated)
    }

    /// Returns the number of events applied.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Returns the number of rules.
    pub fn rules(&self) -> usize {
        self.rules.records.len()
    }

    /// Returns the name of a rule.
    pub fn rule_name(&self, rule: RuleId) -> &str {
        self.rules.get(rule).map_or("", |record| &record.spec.name)
    }

    /// Returns the hash of a node's path, which identifies the node across runs; `None` if there is no such node, or if hashes are
    /// not [folded](Self::with_path_hashes).
    pub fn path_hash(&self, node: NodeId) -> Option<u128> {
        self.path_hashes.as_ref()?.of(node)
    }

    /// Returns a description of the origin of a node.
    pub fn who_added(&self, node: NodeId) -> String {
        let Some(record) = self.graph.nodes.get(node.index()) else { return String::new() };
        match self.graph.lineage.get(record.firing).map(Firing::by) {
            Some(AddedBy::Rule(rule)) => format!("rule `{}`", Name(self.rule_name(rule))),
            Some(AddedBy::Node(inside)) => format!("node `{}`", Name(&self.graph.name(inside))),
            Some(AddedBy::Program) | None => "the program".to_owned(),
        }
    }

    /// Returns the node that has a key, and the first input that certainly differs from those of this call.
    pub(crate) fn keyed(&self, key: Key<'_>, prints: &Prints) -> Option<KeyedNode> {
        let (node, known) = self.graph.with_key(key)?;
        let other = prints.differ_from(known).map(|input| (input, self.who_added(node)));
        Some(KeyedNode { node, other })
    }

    /// Returns the failures of rules, in the order in which they happened.
    pub fn rule_errors(&self) -> &[RuleError] {
        &self.rule_errors
    }

    /// Returns how often a rule has fired.
    pub fn fired(&self, rule: RuleId) -> u32 {
        self.rules.get(rule).map_or(0, |record| record.fired)
    }

    /// Returns the nodes that a rule was not applied to because of its `within`.
    pub fn held_back(&self, rule: RuleId) -> Few<String> {
        let record = self.rules.get(rule);
        record.map(|record| record.held_back.map(|node| self.graph.name(*node))).unwrap_or_default()
    }

    /// Returns `true` if no further node of `stage` can appear.
    pub fn is_closed(&self, stage: StageId) -> bool {
        self.closing.is_closed(stage)
    }

    /// Returns the nodes of `stage` in lineage order, which is the same in every run.
    pub fn in_lineage_order(&self, stage: StageId) -> Vec<NodeId> {
        self.graph.in_lineage_order(stage, &self.rules)
    }

    /// Returns the nodes of `stage` below the node `above`, in lineage order.
    pub fn below(&self, above: NodeId, stage: StageId) -> Vec<NodeId> {
        if self.has_none_below(above, stage) {
            return Vec::new();
        }
        self.graph.below(above, stage, &self.rules)
    }

    /// Returns the innermost node of `stage` that is `node` or above it in the lineage, if `stage` is a kind of group:
    /// some rule or key is scoped to its nodes.
    pub fn above(&self, node: NodeId, stage: StageId) -> Option<NodeId> {
        let mut around = self.groups.chain(self.group_of(Some(node)));
        around.find(|(_, group)| self.groups.stage_of(group) == stage).map(|(_, group)| group.node)
    }

    /// Returns the lineage parent of the nodes that a firing will add.
    pub fn parent_of_firing(&self, rule: RuleId, binding: Binding) -> Option<NodeId> {
        let about = || self.rules.get(rule)?.spec.about();
        binding.or_else(about).or_else(|| self.graph.lineage.parent(self.rules.scope(rule)))
    }

    /// Returns the paths of the nodes, which identify them across runs.
    pub fn paths(&self) -> Paths {
        Paths::of(&self.graph, &self.rules)
    }

    /// Returns all nodes in lineage order.
    pub fn all_in_lineage_order(&self) -> Vec<NodeId> {
        self.graph.walk(&self.rules, |_| true)
    }
}
