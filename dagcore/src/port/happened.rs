//! What trackers are told: one small record for each thing that happened.
//!
//! They are not told the machine's own events. Those carry all that was added, labels and rules and edges, and would have
//! to be copied. A [`Happened`] names nodes, stages and rules by number; what the numbers stand for is in
//! [`Known`](super::Known), which is kept for each tracker on its own thread.

use crate::dag::{Binding, Event, NodeError, NodeId, RuleError, RuleId, StageId, Time};

/// One thing that happened, as a tracker is told of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Happened {
    /// The program added nodes, or rules, while the run went on.
    Added {
        /// The nodes.
        nodes: NewNodes,
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
        /// By whom.
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
    },
    /// A rule was applied.
    Fired {
        /// The rule.
        rule: RuleId,
        /// What it was applied to.
        binding: Binding,
        /// What its body added.
        nodes: NewNodes,
        /// When.
        at: Time,
    },
    /// A node added something while it ran.
    Grown {
        /// The node.
        node: NodeId,
        /// What it added.
        nodes: NewNodes,
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
}

/// A run of a thousand nodes tells of some thousands of them, and all of it crosses from one processor to another.
const _: () = assert!(size_of::<Happened>() <= 32);

impl Happened {
    /// When it happened; `None` of what has no time of its own.
    pub fn at(&self) -> Option<Time> {
        match *self {
            Self::Added { .. } | Self::Asked { .. } => None,
            Self::Started { at, .. }
            | Self::Succeeded { at, .. }
            | Self::Failed { at, .. }
            | Self::AttemptFailed { at, .. }
            | Self::PauseOver { at, .. }
            | Self::Skipped { at, .. }
            | Self::Cancelled { at, .. }
            | Self::Fired { at, .. }
            | Self::Grown { at, .. }
            | Self::RuleFailed { at, .. }
            | Self::Closed { at, .. } => Some(at),
        }
    }

    /// What a tracker is told of an event, after which there were `len` nodes; nothing of the run's beginning and end,
    /// which have methods of their own.
    #[inline]
    pub(crate) fn of(event: &Event, len: usize) -> Option<Self> {
        let newest = |count| NewNodes { first: NodeId::from_index(len - count), count: count as u32 };
        Some(match *event {
            Event::Started { node, at } => Self::Started { node, at },
            Event::Succeeded { node, at } => Self::Succeeded { node, at },
            Event::Failed { node, ref error, at } => Self::Failed { node, error: error.clone(), at },
            Event::AttemptFailed { node, ref error, until, at } => {
                Self::AttemptFailed { node, error: error.clone(), until, at }
            }
            Event::PauseOver { node, at } => Self::PauseOver { node, at },
            Event::Skipped { node, because, at } => Self::Skipped { node, because, at },
            Event::Cancelled { node, ref error, at } => Self::Cancelled { node, error: error.clone(), at },
            Event::Asked { rule, held, .. } => Self::Asked { rule, held },
            Event::Added { ref additions } => Self::Added { nodes: newest(additions.len()) },
            Event::Fired { rule, binding, ref additions, at } => {
                Self::Fired { rule, binding, nodes: newest(additions.len()), at }
            }
            Event::Grown { node, ref additions, at } => Self::Grown { node, nodes: newest(additions.len()), at },
            Event::RuleFailed { rule, binding, ref error, at } => {
                Self::RuleFailed { rule, binding, error: error.clone(), at }
            }
            Event::Closed { stage, under, at_rest, at } => Self::Closed { stage, under, at_rest, at },
            Event::RunStarted { .. }
            | Event::CancelAsked { .. }
            | Event::RunStopped { .. }
            | Event::RunEnded { .. } => return None,
        })
    }
}

/// Nodes that were added together: their numbers follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewNodes {
    first: NodeId,
    count: u32,
}

impl NewNodes {
    /// How many there are.
    pub fn len(self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The nodes, in the order in which they were added.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator {
        let first = self.first.index();
        (first..first + self.len()).map(NodeId::from_index)
    }

    /// How many nodes there were when they had been added.
    pub(crate) fn end(self) -> usize {
        self.first.index() + self.len()
    }
}
