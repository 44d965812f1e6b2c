//! Hashes of the paths of nodes: a node's identity across runs, in 128 bits.
//!
//! The hash of a node folds the hash of its parent in the lineage, its stage with name and version, and its key or, without a key,
//! the rule that added it and the position among the nodes that were added together. No id and no time is folded, so the same node
//! has the same hash in every run. Hashes are folded once, when nodes are inserted, from hashes that are known by then: a parent
//! and a rule are always older than the node.

use super::Graph;
use crate::dag::base::ids::{FiringId, NodeId, RuleId};
use crate::dag::base::stage_info::StageInfo;
use crate::dag::rules::rule_table::Rules;
use std::collections::HashMap;
use std::sync::Arc;

/// The hashes of all nodes and rules of a run, in the order of their ids.
#[derive(Default)]
pub(crate) struct PathHashes {
    nodes: Vec<u128>,
    rules: Vec<u128>,
    /// The number of nodes without a key that were added together so far.
    positions: HashMap<Author, u32>,
    /// The number of rules of one name that were registered in one place so far.
    names: HashMap<(FiringId, Arc<str>), u32>,
}

/// What adds nodes one after another, for which their positions count.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Author {
    Firing(FiringId),
    Program,
    Node(NodeId),
}

impl PathHashes {
    /// Returns the hash of a node's path; `None` if there is no such node.
    pub(crate) fn of(&self, node: NodeId) -> Option<u128> {
        self.nodes.get(node.index()).copied()
    }

    /// Folds the hashes of the nodes and rules that were inserted since the last call.
    pub(crate) fn extend(&mut self, graph: &Graph, rules: &Rules) {
        for node in (self.nodes.len()..graph.len()).map(NodeId::from_index) {
            // The rule that added the node was registered by a firing on an older node: its hash can be folded by now.
            let rule = graph.lineage.get(graph.nodes[node.index()].firing).map_or(RuleId::NONE, |firing| firing.rule);
            if rule.is_some() {
                self.extend_rules(rule.index() + 1, graph, rules);
            }
            let hash = self.node(node, rule, graph);
            self.nodes.push(hash);
        }
        self.extend_rules(rules.records.len(), graph, rules);
    }

    fn extend_rules(&mut self, len: usize, graph: &Graph, rules: &Rules) {
        for rule in (self.rules.len()..len).map(RuleId::from_index) {
            let hash = self.rule(rule, graph, rules);
            self.rules.push(hash);
        }
    }

    fn node(&mut self, node: NodeId, rule: RuleId, graph: &Graph) -> u128 {
        let record = &graph.nodes[node.index()];
        let StageInfo { name, version, .. } = graph.stage_info(record.stage);
        let parent = graph.lineage_parent(node);
        let above = parent.map_or(START, |parent| self.nodes[parent.index()]);
        let step = above.text(name).number(version.into());
        if let Some(key) = graph.key(node) {
            return step.text("key").text(key);
        }
        let (author, rule) = match (self.rules.get(rule.index()), parent) {
            (Some(rule), _) => (Author::Firing(record.firing), *rule),
            (None, Some(parent)) => (Author::Node(parent), START),
            (None, None) => (Author::Program, START),
        };
        let position = self.positions.entry(author).or_default();
        *position += 1;
        step.text("at").hash(rule).number((*position).into())
    }

    fn rule(&mut self, rule: RuleId, graph: &Graph, rules: &Rules) -> u128 {
        let record = &rules.records[rule.index()];
        let scope = rules.scope(rule);
        let place = graph.lineage.get(scope).map_or(START, |firing| {
            let bound = self.of(firing.bound).unwrap_or(START);
            self.rules.get(firing.rule.index()).copied().unwrap_or(START).hash(bound)
        });
        let count = self.names.entry((scope, Arc::clone(&record.spec.name))).or_default();
        *count += 1;
        place.text(&record.spec.name).number((*count).into())
    }
}

/// FNV-1a with 128 bits: simple, and the same on every machine and in every version.
/// <https://www.rfc-editor.org/rfc/rfc9923>
const START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;

/// Returns the hash of a text.
pub(crate) fn text_hash(text: &str) -> u128 {
    START.text(text)
}

trait Fold {
    fn bytes(self, bytes: &[u8]) -> Self;
    fn number(self, number: u64) -> Self;
    fn hash(self, hash: u128) -> Self;
    /// The length goes first, so that no two sequences of texts are the same bytes.
    fn text(self, text: &str) -> Self;
}

impl Fold for u128 {
    fn bytes(self, bytes: &[u8]) -> Self {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        bytes.iter().fold(self, |hash, byte| (hash ^ Self::from(*byte)).wrapping_mul(PRIME))
    }

    fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    fn hash(self, hash: u128) -> Self {
        self.bytes(&hash.to_le_bytes())
    }

    fn text(self, text: &str) -> Self {
        self.number(text.len() as u64).bytes(text.as_bytes())
    }
}
