//! All that can happen in a run: one enum, generic over what its variants carry.
//!
//! [`Event<Full>`](Full) is what the machine applies and a journal records. [`Event<Brief>`](Brief) is what observers receive: it
//! names nodes, stages and rules by number and holds nothing large, as all of it crosses from one processor to another.

use super::base::errors::{NodeError, RuleError};
use super::base::ids::{NodeId, RuleId, StageId, Time};
use super::graph::additions::Additions;
use super::rules::predicate_reads::Reads;
use super::rules::rule_spec::Binding;
use std::fmt::Debug;
use std::sync::Arc;

/// What the variants of an [`Event`] carry.
pub trait Payload: sealed::Sealed {
    /// Nodes and rules that were added together.
    type Additions: Clone + Debug;
    /// What a predicate looked at.
    type Reads: Clone + Debug;
    /// A text.
    type Text: Clone + Debug;
}

/// Everything: for the machine, and for what records a run.
#[derive(Clone, Debug)]
pub enum Full {}

/// Numbers and shared handles: for observers.
#[derive(Clone, Debug)]
pub enum Brief {}

impl Payload for Full {
    type Additions = Additions;
    type Reads = Reads;
    type Text = String;
}

impl Payload for Brief {
    type Additions = NewNodes;
    type Reads = ();
    type Text = Arc<String>;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Full {}
impl sealed::Sealed for Brief {}

/// An event, as observers receive it.
pub type BriefEvent = Event<Brief>;

/// A run of a thousand nodes sends some thousands of them to its observers.
const _: () = assert!(size_of::<Event<Brief>>() <= 32);

/// One thing that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<P: Payload = Full> {
    /// The program added nodes and rules: before the run, or from outside while it goes on.
    Added {
        /// What was added.
        additions: P::Additions,
        /// When: [`Time::START`] before the run.
        at: Time,
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
        reads: P::Reads,
        /// When.
        at: Time,
    },
    /// A rule was applied.
    Fired {
        /// The rule.
        rule: RuleId,
        /// What it was applied to.
        binding: Binding,
        /// What its body added.
        additions: P::Additions,
        /// When.
        at: Time,
    },
    /// A node added something while it ran. All of it needs the node.
    Grown {
        /// The node.
        node: NodeId,
        /// What it added.
        additions: P::Additions,
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
        why: P::Text,
        /// When.
        at: Time,
    },
    /// The run was stopped before its end.
    RunStopped {
        /// Why.
        why: P::Text,
        /// When.
        at: Time,
    },
    /// Nothing more can happen.
    RunEnded {
        /// When.
        at: Time,
    },
}

impl<P: Payload> Event<P> {
    /// When it happened.
    #[inline]
    pub fn at(&self) -> Time {
        match *self {
            Self::Added { at, .. }
            | Self::RunStarted { at }
            | Self::Started { at, .. }
            | Self::Succeeded { at, .. }
            | Self::Failed { at, .. }
            | Self::AttemptFailed { at, .. }
            | Self::PauseOver { at, .. }
            | Self::Skipped { at, .. }
            | Self::Cancelled { at, .. }
            | Self::Asked { at, .. }
            | Self::Fired { at, .. }
            | Self::Grown { at, .. }
            | Self::RuleFailed { at, .. }
            | Self::Closed { at, .. }
            | Self::CancelAsked { at, .. }
            | Self::RunStopped { at, .. }
            | Self::RunEnded { at } => at,
        }
    }
}

impl Event<Full> {
    /// The brief form, of an event after which the graph has `len` nodes.
    pub(crate) fn brief(&self, len: usize) -> Event<Brief> {
        let newest = |additions: &Additions| NewNodes::last(additions.len(), len);
        match *self {
            Self::Added { ref additions, at } => Event::Added { additions: newest(additions), at },
            Self::RunStarted { at } => Event::RunStarted { at },
            Self::Started { node, at } => Event::Started { node, at },
            Self::Succeeded { node, at } => Event::Succeeded { node, at },
            Self::Failed { node, ref error, at } => Event::Failed { node, error: error.clone(), at },
            Self::AttemptFailed { node, ref error, until, at } => {
                Event::AttemptFailed { node, error: error.clone(), until, at }
            }
            Self::PauseOver { node, at } => Event::PauseOver { node, at },
            Self::Skipped { node, because, at } => Event::Skipped { node, because, at },
            Self::Cancelled { node, ref error, at } => Event::Cancelled { node, error: error.clone(), at },
            Self::Asked { rule, held, at, .. } => Event::Asked { rule, held, reads: (), at },
            Self::Fired { rule, binding, ref additions, at } => {
                Event::Fired { rule, binding, additions: newest(additions), at }
            }
            Self::Grown { node, ref additions, at } => Event::Grown { node, additions: newest(additions), at },
            Self::RuleFailed { rule, binding, ref error, at } => {
                Event::RuleFailed { rule, binding, error: error.clone(), at }
            }
            Self::Closed { stage, under, at_rest, at } => Event::Closed { stage, under, at_rest, at },
            Self::CancelAsked { what, ref why, at } => Event::CancelAsked { what, why: Arc::new(why.clone()), at },
            Self::RunStopped { ref why, at } => Event::RunStopped { why: Arc::new(why.clone()), at },
            Self::RunEnded { at } => Event::RunEnded { at },
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

/// Nodes that were added together: their numbers follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewNodes {
    first: NodeId,
    count: u32,
}

impl NewNodes {
    /// The newest `count` of `len` nodes.
    pub(crate) fn last(count: usize, len: usize) -> Self {
        Self { first: NodeId::from_index(len - count), count: count as u32 }
    }

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
