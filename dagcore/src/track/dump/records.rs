//! The contents of a dump: plain data, as stored in the file.

use super::words;
use crate::dag::{Need, NodeState};
use serde::{Deserialize, Serialize};

/// A finished graph that was loaded from a file: see [`Dump`](super::Dump).
///
/// Nodes are referred to by their index in [`nodes`](Self::nodes). Times are in nanoseconds since the run started. It
/// can be drawn with [`Picture::of`](crate::view::Picture::of).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Dumped {
    /// The version of the file: [`Dump::VERSION`](super::Dump::VERSION).
    pub version: u32,
    /// The workflow's name.
    pub workflow: String,
    /// The duration of the run.
    pub duration_ns: u64,
    /// The reason why the run was stopped; `None` if it was not.
    pub stopped: Option<String>,
    /// The number of events that were dropped because the tracker was slower than the run. If it is not zero,
    /// `added_ns` of some nodes and some firings are missing; everything else is complete.
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
    /// Its number: its index in the list, counted from zero.
    pub id: usize,
    /// Its display name: the given one, or else its stage with its key or number.
    pub name: String,
    /// The name that the program gave it, if it has one.
    pub given_name: Option<String>,
    /// Its key, if it has one.
    pub key: Option<String>,
    /// The name of its stage.
    pub stage: String,
    /// Its state at the end. In a run that was stopped, it may not have ended.
    #[serde(with = "words::state")]
    pub state: NodeState,
    /// Its dependencies, in the order of its inputs, followed by the nodes that it gathers. They form no cycle.
    pub parents: Vec<DumpedEdge>,
    /// The node that caused it to be added: the one that a rule fired for, or the one that added it while it ran.
    pub added_by: Option<usize>,
    /// Its parent in the lineage.
    pub lineage_parent: Option<usize>,
    /// When it was added; 0 if the program added it before the run. `None` if this was not recorded: if the program
    /// added it during the run, or if events were dropped.
    pub added_ns: Option<u64>,
    /// When its last attempt started; `None` if it did not run.
    pub started_ns: Option<u64>,
    /// When it ended or was skipped; `None` if it has not ended.
    pub ended_ns: Option<u64>,
    /// Its failed attempts that were retried.
    pub failed_attempts: Vec<DumpedAttempt>,
    /// The error with which it failed or was cancelled: escaped, and shortened if it is very long.
    pub error: Option<String>,
    /// The node whose failure or cancellation caused it to be skipped.
    pub skipped_because: Option<usize>,
}

/// A dependency of a [`DumpedNode`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedEdge {
    /// The number of the upstream node.
    pub node: usize,
    /// The kind of dependency: `success` needs the output, `end` needs the node to have ended in any state, `order`
    /// needs it to have succeeded.
    #[serde(with = "words::need")]
    pub need: Need,
}

/// A failed attempt of a [`DumpedNode`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedAttempt {
    /// When it started.
    pub started_ns: u64,
    /// When it failed.
    pub ended_ns: u64,
    /// The earliest time of the next attempt.
    pub until_ns: u64,
    /// The error: escaped, and shortened if it is very long.
    pub error: String,
}

/// A rule of a [`Dumped`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedRule {
    /// Its name.
    pub name: String,
    /// The number of times it fired.
    pub fired: u32,
    /// Its applications in order, including those that failed.
    pub firings: Vec<DumpedFiring>,
}

/// One application of a [`DumpedRule`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DumpedFiring {
    /// When the rule was applied.
    pub at_ns: u64,
    /// The number of the node that it was applied to; `None` if the rule does not fire for each node.
    pub bound: Option<usize>,
    /// The numbers of the nodes that it added.
    pub added: Vec<usize>,
    /// The error of the rule's condition or body: escaped, and shortened if it is very long. Nothing was added in this
    /// case.
    pub error: Option<String>,
}
