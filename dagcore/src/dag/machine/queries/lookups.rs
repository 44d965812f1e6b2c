//! What is asked of a run: names, counts, and its lineage.

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
    /// Whether every node and every rule did what it was there for, but for failures that are tolerated, and nobody stopped the
    /// run.
    pub fn is_success(&self) -> bool {
        self.rule_errors.is_empty() && self.stopped.is_none() && self.graph.has_only_tolerated(&self.tolerated)
    }

    /// How many events there have been.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The number of rules.
    pub fn rules(&self) -> usize {
        self.rules.records.len()
    }

    /// A rule's name.
    pub fn rule_name(&self, rule: RuleId) -> &str {
        self.rules.get(rule).map_or("", |record| &record.spec.name)
    }

    /// Returns the hash of a node's path, which identifies the node across runs; `None` if there is no such node, or if hashes are
    /// not [folded](Self::with_path_hashes).
    pub fn path_hash(&self, node: NodeId) -> Option<u128> {
        self.path_hashes.as_ref()?.of(node)
    }

    /// Who added a node, in words.
    pub fn who_added(&self, node: NodeId) -> String {
        let Some(record) = self.graph.nodes.get(node.index()) else { return String::new() };
        match self.graph.lineage.get(record.firing).map(Firing::by) {
            Some(AddedBy::Rule(rule)) => format!("rule `{}`", Name(self.rule_name(rule))),
            Some(AddedBy::Node(inside)) => format!("node `{}`", Name(&self.graph.name(inside))),
            Some(AddedBy::Program) | None => "the program".to_owned(),
        }
    }

    /// The node that has a key, and whether a call with these inputs certainly is not the same.
    pub(crate) fn keyed(&self, key: Key<'_>, prints: &Prints) -> Option<KeyedNode> {
        let (node, known) = self.graph.with_key(key)?;
        let other = prints.differ_from(known).map(|input| (input, self.who_added(node)));
        Some(KeyedNode { node, other })
    }

    /// The failures of rules, in the order in which they happened.
    pub fn rule_errors(&self) -> &[RuleError] {
        &self.rule_errors
    }

    /// How often a rule has fired.
    pub fn fired(&self, rule: RuleId) -> u32 {
        self.rules.get(rule).map_or(0, |record| record.fired)
    }

    /// The nodes that its `within` kept a rule from.
    pub fn held_back(&self, rule: RuleId) -> Few<String> {
        let record = self.rules.get(rule);
        record.map(|record| record.held_back.map(|node| self.graph.name(*node))).unwrap_or_default()
    }

    /// Whether no further node of `stage` can appear.
    pub fn is_closed(&self, stage: StageId) -> bool {
        self.closing.is_closed(stage)
    }

    /// The nodes of `stage` in the order of the lineage, which is the same in every run.
    pub fn in_lineage_order(&self, stage: StageId) -> Vec<NodeId> {
        self.graph.in_lineage_order(stage, &self.rules)
    }

    /// The nodes of `stage` below the node `above` in the lineage, in its order.
    pub fn below(&self, above: NodeId, stage: StageId) -> Vec<NodeId> {
        if self.has_none_below(above, stage) {
            return Vec::new();
        }
        self.graph.below(above, stage, &self.rules)
    }

    /// The innermost node of `stage` that is `node` or above it in the lineage, where rules have made that stage one
    /// below whose nodes something is waited for or keyed.
    pub fn above(&self, node: NodeId, stage: StageId) -> Option<NodeId> {
        let mut around = self.groups.chain(self.group_of(Some(node)));
        around.find(|(_, group)| self.groups.stage_of(group) == stage).map(|(_, group)| group.node)
    }

    /// The lineage parent of what a firing will add.
    pub fn parent_of_firing(&self, rule: RuleId, binding: Binding) -> Option<NodeId> {
        let about = || self.rules.get(rule)?.spec.about();
        binding.or_else(about).or_else(|| self.graph.lineage.parent(self.rules.scope(rule)))
    }

    /// The names of the nodes across runs.
    pub fn paths(&self) -> Paths {
        Paths::of(&self.graph, &self.rules)
    }

    /// All nodes in the order of the lineage.
    pub fn all_in_lineage_order(&self) -> Vec<NodeId> {
        self.graph.walk(&self.rules, |_| true)
    }
}
