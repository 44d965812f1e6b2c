//! All that can happen in a run. Journals, trackers and pages eat this and nothing else.

use super::base::errors::{NodeError, RuleError};
use super::base::ids::{NodeId, RuleId, StageId, Time};
use super::graph::additions::Additions;
use super::rules::predicate_reads::Reads;
use super::rules::rule_spec::Binding;

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
        what: CancelScope,
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

/// What is to be cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CancelScope {
    /// The whole run.
    EntireRun,
    /// This node.
    SingleNode(NodeId),
    /// This node, and all that is below it in the lineage or ever will be.
    Subtree(NodeId),
    /// All nodes of this stage, and all that ever will be.
    WholeStage(StageId),
}
