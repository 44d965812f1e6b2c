//! What a dump holds: plain data, as it stands in the file.

use super::words;
use crate::dag::{Need, NodeState};
use serde::{Deserialize, Serialize};

/// A finished graph, as it was loaded from a file; see [`Dump`](super::Dump).
///
/// Nodes are named by their numbers, which are their places in [`nodes`](Self::nodes). Moments are told in nanoseconds
/// since the run began. It can be drawn: [`Picture::of`](crate::view::Picture::of) takes it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Dumped {
    /// The version of the file: [`Dump::VERSION`](super::Dump::VERSION).
    pub version: u32,
    /// The workflow's name.
    pub workflow: String,
    /// How long the run took.
    pub duration_ns: u64,
    /// Why the run was stopped before its end; `None` when it was not.
    pub stopped: Option<String>,
    /// How many events were dropped, because the tracker was slower than the run. Then `added_ns` of some nodes and
    /// some firings are missing; all else is complete.
    pub missed: u64,
    /// The nodes, in the order in which they were added.
    pub nodes: Vec<DumpedNode>,
    /// The rules, in the order in which they were registered.
    pub rules: Vec<DumpedRule>,
}

/// A node of a [`Dumped`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedNode {
    /// Its number: its place in the list, counted from zero.
    pub id: usize,
    /// Its name to show: the given one, else its stage with its key or number.
    pub name: String,
    /// The name that the program gave it, if it gave one.
    pub given_name: Option<String>,
    /// Its key, if it has one.
    pub key: Option<String>,
    /// The name of its stage, which is its kind.
    pub stage: String,
    /// What became of it. It has not ended in a run that was stopped.
    #[serde(with = "words::state")]
    pub state: NodeState,
    /// What it needs, in the order of its inputs; then the nodes that it gathers. None of it leads back to the node.
    pub parents: Vec<DumpedEdge>,
    /// The node because of which it was added: that of the firing, or the one that added it while it ran.
    pub added_by: Option<usize>,
    /// Its parent in the lineage.
    pub lineage_parent: Option<usize>,
    /// When it was added; 0 if the program added it before the run. `None` when nobody told: if the program added it
    /// while the run went on, or if events were dropped.
    pub added_ns: Option<u64>,
    /// When it began to run, in its last attempt; `None` when it did not.
    pub started_ns: Option<u64>,
    /// When it ended or was skipped; `None` when it has not.
    pub ended_ns: Option<u64>,
    /// Its attempts that failed and were followed by another.
    pub failed_attempts: Vec<DumpedAttempt>,
    /// Why it failed or was cancelled, in words: escaped, and shortened when it is very long.
    pub error: Option<String>,
    /// The node that failed or was cancelled, because of which it was skipped.
    pub skipped_because: Option<usize>,
}

/// What a [`DumpedNode`] needs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedEdge {
    /// The number of the other node.
    pub node: usize,
    /// What it needs of it: `success` is its output, `end` that it ended in any way, `order` that it succeeded.
    #[serde(with = "words::need")]
    pub need: Need,
}

/// A failed attempt of a [`DumpedNode`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedAttempt {
    /// When it began.
    pub started_ns: u64,
    /// When it failed.
    pub ended_ns: u64,
    /// When the next one could begin.
    pub until_ns: u64,
    /// Why it failed, in words: escaped, and shortened when it is very long.
    pub error: String,
}

/// A rule of a [`Dumped`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedRule {
    /// Its name.
    pub name: String,
    /// How often it fired.
    pub fired: u32,
    /// What it was applied to, in the order in which that happened, with the applications that failed.
    pub firings: Vec<DumpedFiring>,
}

/// One application of a [`DumpedRule`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedFiring {
    /// When.
    pub at_ns: u64,
    /// The number of the node that it was applied to; `None` when the rule is not one for each node.
    pub bound: Option<usize>,
    /// The numbers of the nodes that it added.
    pub added: Vec<usize>,
    /// Why the rule's condition or body failed, in words, escaped, and shortened when it is very long; then nothing was
    /// added.
    pub error: Option<String>,
}
