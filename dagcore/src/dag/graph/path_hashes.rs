//! Hashes of the paths of nodes: a node's identity across runs, in 128 bits.
//!
//! The hash of a node folds the hash of its parent in the lineage, its stage with name and version, and its key or, without a key,
//! the rule that added it and the position among the nodes that were added together. No id and no time is folded, so the same node
//! has the same hash in every run. Hashes are folded once, when nodes are inserted, from hashes that are known by then: a parent
//! and a rule are always older than the node.

use super::Graph;
use super::lineage::{AddedBy, Firing};
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
    counts: Counts,
}

/// The origin of nodes: positions are counted for each origin.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// A firing of this rule.
    Firing(FiringId, RuleId),
    Program,
    /// A node while it ran.
    Node(NodeId),
}

/// The counts that tell nodes of one origin, and rules of one name, apart.
#[derive(Default)]
pub(super) struct Counts {
    /// The number of nodes without a key of each origin so far.
    positions: HashMap<Origin, u32>,
    /// The number of rules of one name that were registered in one place so far.
    names: HashMap<(FiringId, Arc<str>), u32>,
}

impl Counts {
    /// Counts one more node without a key. Returns its position, from 0.
    pub(super) fn position(&mut self, origin: Origin) -> u32 {
        let count = self.positions.entry(origin).or_default();
        *count += 1;
        *count - 1
    }

    /// Counts one more rule. Returns how many rules have its name in the place where it was registered, itself included.
    pub(super) fn namesakes(&mut self, rule: RuleId, rules: &Rules) -> u32 {
        let name = Arc::clone(&rules.records[rule.index()].spec.name);
        let count = self.names.entry((rules.scope(rule), name)).or_default();
        *count += 1;
        *count
    }
}

impl Graph {
    /// Returns the origin of a node.
    pub(super) fn origin(&self, node: NodeId) -> Origin {
        let firing = self.nodes[node.index()].firing;
        match self.lineage.get(firing).map_or(AddedBy::Program, Firing::by) {
            AddedBy::Rule(rule) => Origin::Firing(firing, rule),
            AddedBy::Node(inside) => Origin::Node(inside),
            AddedBy::Program => Origin::Program,
        }
    }
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
            let origin = graph.origin(node);
            if let Origin::Firing(_, rule) = origin {
                self.extend_rules(rule.index() + 1, graph, rules);
            }
            let hash = self.node(node, origin, graph);
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

    fn node(&mut self, node: NodeId, origin: Origin, graph: &Graph) -> u128 {
        let StageInfo { name, version, .. } = graph.stage_info(graph.nodes[node.index()].stage);
        let parent = graph.lineage_parent(node);
        let above = parent.map_or(START, |parent| self.nodes[parent.index()]);
        let step = above.text(name).number(version.into());
        if let Some(key) = graph.key(node) {
            return step.text("key").text(key);
        }
        let rule = match origin {
            Origin::Firing(_, rule) => self.rules[rule.index()],
            Origin::Program | Origin::Node(_) => START,
        };
        step.text("at").hash(rule).number(self.counts.position(origin).into())
    }

    fn rule(&mut self, rule: RuleId, graph: &Graph, rules: &Rules) -> u128 {
        let place = graph.lineage.get(rules.scope(rule)).map_or(START, |firing| {
            let bound = self.of(firing.bound).unwrap_or(START);
            self.rules.get(firing.rule.index()).copied().unwrap_or(START).hash(bound)
        });
        place.text(&rules.records[rule.index()].spec.name).number(self.counts.namesakes(rule, rules).into())
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
