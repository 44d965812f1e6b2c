//! All that can happen in a run. Journals, trackers and pages eat this and nothing else.

use super::failure::{NodeError, RuleError};
use super::id::{NodeId, RuleId, StageId, Time};
use super::key::{Key, KeyHash, KeyTable};
use super::prints::Prints;
use super::rank::Rank;
use super::rule::{Binding, RuleSpec};

/// One thing that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The program added nodes and rules: before the run, or from outside while it goes on.
    Added {
        /// What was added.
        additions: Additions,
    },
    /// The run began.
    RunStarted {
        /// When.
        at: Time,
    },
    /// A node began to run.
    Started {
        /// The node.
        node: NodeId,
        /// When.
        at: Time,
    },
    /// A node ended well.
    Succeeded {
        /// The node.
        node: NodeId,
        /// When.
        at: Time,
    },
    /// A node failed.
    Failed {
        /// The node.
        node: NodeId,
        /// Why.
        error: NodeError,
        /// When.
        at: Time,
    },
    /// An attempt to run a node failed, and there will be another.
    AttemptFailed {
        /// The node.
        node: NodeId,
        /// Why.
        error: NodeError,
        /// When the next one may begin.
        until: Time,
        /// When.
        at: Time,
    },
    /// The pause before the next attempt to run a node is over.
    PauseOver {
        /// The node.
        node: NodeId,
        /// When.
        at: Time,
    },
    /// A node will not run, because a node that it needs did not succeed.
    Skipped {
        /// The node.
        node: NodeId,
        /// The node that failed or was cancelled, from which this comes.
        because: NodeId,
        /// When.
        at: Time,
    },
    /// A node was cancelled, whatever it was doing.
    Cancelled {
        /// The node.
        node: NodeId,
        /// By whom, as the failure that those see who need it.
        error: NodeError,
        /// When.
        at: Time,
    },
    /// A rule's predicate was asked.
    Asked {
        /// The rule.
        rule: RuleId,
        /// What the predicate said.
        held: bool,
        /// What it looked at: it is asked again when one of these changes.
        reads: Reads,
    },
    /// A rule was applied.
    Fired {
        /// The rule.
        rule: RuleId,
        /// What it was applied to.
        binding: Binding,
        /// What its body added.
        additions: Additions,
        /// When.
        at: Time,
    },
    /// A node added something while it ran. All of it needs the node.
    Grown {
        /// The node.
        node: NodeId,
        /// What it added.
        additions: Additions,
        /// When.
        at: Time,
    },
    /// A rule's predicate or body failed, and nothing was added.
    RuleFailed {
        /// The rule.
        rule: RuleId,
        /// What it was applied to.
        binding: Binding,
        /// Why.
        error: RuleError,
        /// When.
        at: Time,
    },
    /// No further node of a stage can appear.
    Closed {
        /// The stage.
        stage: StageId,
        /// The node below which no further one can appear; `None` for the whole run.
        under: Option<NodeId>,
        /// Whether it closed because the run was at rest, rather than because nothing could lead to it.
        at_rest: bool,
        /// When.
        at: Time,
    },
    /// Somebody does not want some nodes any more, or the whole run. What is cancelled because of it follows.
    CancelAsked {
        /// What is not wanted.
        what: Unwanted,
        /// By whom, or why.
        why: String,
        /// When.
        at: Time,
    },
    /// The run was stopped before its end.
    RunStopped {
        /// Why.
        why: String,
        /// When.
        at: Time,
    },
    /// Nothing more can happen.
    RunEnded {
        /// When.
        at: Time,
    },
}

impl Event {
    /// When it happened, of those that carry their time.
    #[inline]
    pub(crate) fn at(&self) -> Option<Time> {
        match *self {
            Self::RunStarted { at }
            | Self::Started { at, .. }
            | Self::Succeeded { at, .. }
            | Self::Failed { at, .. }
            | Self::AttemptFailed { at, .. }
            | Self::PauseOver { at, .. }
            | Self::Skipped { at, .. }
            | Self::Cancelled { at, .. }
            | Self::Fired { at, .. }
            | Self::Grown { at, .. }
            | Self::RuleFailed { at, .. }
            | Self::Closed { at, .. }
            | Self::CancelAsked { at, .. }
            | Self::RunStopped { at, .. }
            | Self::RunEnded { at } => Some(at),
            Self::Added { .. } | Self::Asked { .. } => None,
        }
    }
}

/// What nobody wants any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Unwanted {
    /// The whole run.
    EntireRun,
    /// This node.
    SingleNode(NodeId),
    /// This node, and all that is below it in the lineage or ever will be.
    WithLineage(NodeId),
    /// All nodes of this stage, and all that ever will be.
    WholeStage(StageId),
}

/// What a node needs of a parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// Its output: the node is skipped unless the parent succeeds.
    Success,
    /// To have ended, however that was; its output, or its error, is read.
    End,
    /// To have succeeded: the node is skipped unless it does, and its output is not read.
    Order,
}

impl Need {
    /// Whether the node is skipped unless the parent succeeds.
    pub fn is_success(self) -> bool {
        self != Self::End
    }

    /// Whether the node reads what the parent gave.
    pub fn reads(self) -> bool {
        self != Self::Order
    }
}

/// A node's dependency on an older node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The older node.
    pub from: NodeId,
    /// What is needed of it.
    pub need: Need,
}

/// What is said of a node beyond its stage and its edges.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Label {
    /// The name the program gave it.
    pub name: Option<String>,
    /// Its key, unique among the nodes of its stage, or among those of them that are below one node.
    pub key: Option<String>,
    /// That node, which is its parent in the lineage.
    pub under: Option<NodeId>,
    /// What is known of the inputs that its key stands for.
    pub prints: Prints,
}

/// One node of an [`Additions`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewNode {
    pub(crate) stage: StageId,
    pub(crate) edges: u32,
    pub(crate) label: u32,
    /// Of its key, if it has one.
    pub(crate) hash: KeyHash,
    pub(crate) open: bool,
}

/// Nodes and rules that are added together: all of them, or none.
#[derive(Clone, Default, Debug)]
pub struct Additions {
    pub(crate) nodes: Vec<NewNode>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) labels: Vec<Label>,
    pub(crate) rules: Vec<RuleSpec>,
    pub(crate) kept: Vec<NodeId>,
    /// Apart, because most additions have none, and they are handed on by value.
    rare: Option<Box<Rare>>,
}

#[derive(Clone, Default, Debug)]
struct Rare {
    /// What is said of some nodes, by their places in `nodes`.
    ranks: Vec<(u32, Rank)>,
    /// Where in `nodes` the keys are.
    table: KeyTable,
    /// The first node with the key of one before it.
    twin: Option<usize>,
}

impl Additions {
    /// Adds a node of `stage` that needs what `edges` say.
    ///
    /// Node ids are given in the order of these calls, after those of the graph that this is added to.
    pub fn node(&mut self, stage: StageId, edges: impl IntoIterator<Item = Edge>, label: Option<Label>) {
        self.push(stage, edges, label, false);
    }

    /// Adds a node that, besides `edges`, needs all nodes of one later firing: that of the rule which
    /// [feeds](RuleSpec::feeding) it.
    pub fn open_node(&mut self, stage: StageId, edges: impl IntoIterator<Item = Edge>, label: Option<Label>) {
        self.push(stage, edges, label, true);
    }

    /// Says of the node that was added last how urgent it is, and how long it is expected to take.
    pub fn rank(&mut self, rank: Rank) {
        if let Some(last) = self.nodes.len().checked_sub(1) {
            self.rare.get_or_insert_default().ranks.push((last as u32, rank));
        }
    }

    /// Keeps the output of a node to the end of the run.
    pub fn keep(&mut self, node: NodeId) {
        self.kept.push(node);
    }

    /// Registers a rule.
    pub fn rule(&mut self, rule: RuleSpec) {
        self.rules.push(rule);
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing is added, neither a node nor a rule.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.rules.is_empty()
    }

    /// Forgets everything, and keeps the memory for the next additions.
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

    /// Makes a node of the edges that were pushed since there were `before` of them; `hash` is that of its key.
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

    /// The place and the label of the node with this key.
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

    /// What is said of some of the nodes, by their places.
    #[inline]
    pub(super) fn ranks(&self) -> &[(u32, Rank)] {
        self.rare.as_ref().map_or(&[], |rare| &rare.ranks)
    }

    /// The first node with the key of one before it.
    pub(super) fn twin(&self) -> Option<usize> {
        self.rare.as_ref()?.twin
    }
}

/// What a predicate looked at when it was asked.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Reads {
    /// Nodes whose state, output, parents or children it read.
    pub nodes: Vec<NodeId>,
    /// Stages whose nodes it counted or listed.
    pub stages: Vec<StageId>,
    /// Names that it looked up.
    pub names: Vec<String>,
    /// Whether it counted or listed all nodes.
    pub all: bool,
}
