//! A batch of nodes and rules that is added atomically.

use super::edge::Edge;
use crate::dag::base::fingerprints::Prints;
use crate::dag::base::ids::{NodeId, StageId};
use crate::dag::base::keys::{Key, KeyHash, KeyTable};
use crate::dag::base::priority::Rank;
use crate::dag::rules::rule_spec::RuleSpec;

/// The properties of a node beyond its stage and its edges.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Label {
    /// The name that the program set.
    pub name: Option<String>,
    /// Its key, unique among the nodes of its stage, or among those of them below one node.
    pub key: Option<String>,
    /// The node below which the key is unique: the node's parent in the lineage.
    pub under: Option<NodeId>,
    /// The fingerprints of the inputs of the call that has the key.
    pub prints: Prints,
}

/// One node of an [`Additions`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewNode {
    pub(crate) stage: StageId,
    pub(crate) edges: u32,
    pub(crate) label: u32,
    /// The hash of its key, if it has one.
    pub(crate) hash: KeyHash,
    pub(crate) open: bool,
}

/// A batch of nodes and rules: either all of it is added, or nothing.
#[derive(Clone, Default, Debug)]
pub struct Additions {
    pub(crate) nodes: Vec<NewNode>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) labels: Vec<Label>,
    pub(crate) rules: Vec<RuleSpec>,
    pub(crate) kept: Vec<NodeId>,
    /// Boxed, because most batches have none of this and batches are moved by value.
    rare: Option<Box<Rare>>,
}

#[derive(Clone, Default, Debug)]
struct Rare {
    /// Priorities and expected durations, by position in `nodes`.
    ranks: Vec<(u32, Rank)>,
    /// Lookup of keys, by position in `nodes`.
    table: KeyTable,
    /// The first node whose key equals that of an earlier node.
    twin: Option<usize>,
}

impl Additions {
    /// Adds a node of `stage` with these dependencies.
    ///
    /// Node ids are assigned in the order of these calls, continuing those of the graph that receives the batch.
    pub fn node(&mut self, stage: StageId, edges: impl IntoIterator<Item = Edge>, label: Option<Label>) {
        self.push(stage, edges, label, false);
    }

    /// Adds an open node: besides `edges`, it needs all nodes of one later firing, that of the rule which
    /// [feeds](RuleSpec::feeding) it.
    pub fn open_node(&mut self, stage: StageId, edges: impl IntoIterator<Item = Edge>, label: Option<Label>) {
        self.push(stage, edges, label, true);
    }

    /// Sets the priority and the expected duration of the node that was added last.
    pub fn rank(&mut self, rank: Rank) {
        if let Some(last) = self.nodes.len().checked_sub(1) {
            self.rare.get_or_insert_default().ranks.push((last as u32, rank));
        }
    }

    /// Keeps the output of a node until the end of the run.
    pub fn keep(&mut self, node: NodeId) {
        self.kept.push(node);
    }

    /// Registers a rule.
    pub fn rule(&mut self, rule: RuleSpec) {
        self.rules.push(rule);
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Returns `true` if there are neither nodes nor rules.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.rules.is_empty()
    }

    /// Removes everything, and keeps the allocations for the next batch.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.edges.clear();
        self.labels.clear();
        self.rules.clear();
        self.kept.clear();
        if let Some(rare) = &mut self.rare {
            rare.ranks.clear();
            rare.table.clear();
            rare.twin = None;
        }
    }

    fn push(&mut self, stage: StageId, edges: impl IntoIterator<Item = Edge>, label: Option<Label>, open: bool) {
        let before = self.edges.len();
        self.edges.extend(edges);
        let key = label.as_ref().and_then(|label| Some(Key::new(stage, label.under, label.key.as_deref()?)));
        let hash = key.map(|key| key.hash);
        if key.is_some_and(|key| self.keyed(key).is_some()) {
            self.rare.get_or_insert_default().twin.get_or_insert(self.nodes.len());
        }
        self.close_node(stage, before, label, hash, open);
    }

    /// Adds a node that takes all edges pushed since there were `before` of them; `hash` is that of its key.
    pub(crate) fn close_node(
        &mut self,
        stage: StageId,
        before: usize,
        label: Option<Label>,
        hash: Option<KeyHash>,
        open: bool,
    ) {
        let label = match label {
            None => u32::MAX,
            Some(label) => {
                self.labels.push(label);
                (self.labels.len() - 1) as u32
            }
        };
        if let Some(hash) = hash {
            self.rare.get_or_insert_default().table.insert(hash, self.nodes.len());
        }
        let edges = (self.edges.len() - before) as u32;
        self.nodes.push(NewNode { stage, edges, label, hash: hash.unwrap_or_default(), open });
    }

    /// Returns the position and the label of the node with this key.
    pub(crate) fn keyed(&self, key: Key<'_>) -> Option<(usize, &Label)> {
        let label = |place: usize| self.labels.get(self.nodes.get(place)?.label as usize);
        let is = |place: usize| {
            let stage = self.nodes.get(place).is_some_and(|node| node.stage == key.stage);
            let same = |label: &Label| label.under == key.under && label.key.as_deref() == Some(key.text);
            stage && label(place).is_some_and(same)
        };
        let place = self.rare.as_ref()?.table.find(key.hash, is)?;
        Some((place, label(place)?))
    }

    /// Returns the priorities and expected durations, by position in `nodes`.
    #[inline]
    pub(crate) fn ranks(&self) -> &[(u32, Rank)] {
        self.rare.as_ref().map_or(&[], |rare| &rare.ranks)
    }

    /// The first node whose key equals that of an earlier node.
    pub(crate) fn twin(&self) -> Option<usize> {
        self.rare.as_ref()?.twin
    }
}
