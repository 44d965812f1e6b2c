//! The events of a run: one enum, generic over the payload of its variants.
//!
//! The machine applies [`Event<Full>`](Full), and a journal records it. Observers receive [`Event<Brief>`](Brief): it
//! identifies nodes, stages and rules by id and holds nothing large, because every event crosses from one processor to
//! another.

use super::base::errors::{NodeError, RuleError};
use super::base::ids::{NodeId, RuleId, StageId, Time};
use super::graph::additions::Additions;
use super::rules::predicate_reads::Reads;
use super::rules::rule_spec::Binding;
use std::fmt::Debug;
use std::sync::Arc;

/// The payload of an [`Event`].
pub trait Payload: sealed::Sealed {
    /// Nodes and rules that were added together.
    type Additions: Clone + Debug;
    /// The reads of a predicate.
    type Reads: Clone + Debug;
    /// A text.
    type Text: Clone + Debug;
}

/// The full payload, for the machine and for journals.
#[derive(Clone, Debug)]
pub enum Full {}

/// The brief payload, with ids and shared handles, for observers.
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

/// An event in the form that observers receive.
pub type BriefEvent = Event<Brief>;

/// A run of a thousand nodes sends several thousand events to its observers, so the brief form must stay small.
const _: () = assert!(size_of::<Event<Brief>>() <= 32);

/// An event of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<P: Payload = Full> {
    /// The program added nodes and rules, before the run or from outside during it.
    Added {
        /// The added nodes and rules.
        additions: P::Additions,
        /// The time of the event; [`Time::START`] before the run.
        at: Time,
    },
    /// The run started.
    RunStarted {
        /// The time of the event.
        at: Time,
    },
    /// A node started to run.
    Started {
        /// The node.
        node: NodeId,
        /// The time of the event.
        at: Time,
    },
    /// A node succeeded.
    Succeeded {
        /// The node.
        node: NodeId,
        /// The time of the event.
        at: Time,
    },
    /// A node failed.
    Failed {
        /// The node.
        node: NodeId,
        /// The error.
        error: NodeError,
        /// The time of the event.
        at: Time,
    },
    /// An attempt to run a node failed, and the node will be retried.
    AttemptFailed {
        /// The node.
        node: NodeId,
        /// The error.
        error: NodeError,
        /// The earliest start of the next attempt.
        until: Time,
        /// The time of the event.
        at: Time,
    },
    /// The delay before the next attempt is over.
    RetryDue {
        /// The node.
        node: NodeId,
        /// The time of the event.
        at: Time,
    },
    /// A node was skipped, because a dependency did not succeed.
    Skipped {
        /// The node.
        node: NodeId,
        /// The failed or cancelled node that caused the skip.
        because: NodeId,
        /// The time of the event.
        at: Time,
    },
    /// A node was cancelled, in any unsettled state.
    Cancelled {
        /// The node.
        node: NodeId,
        /// The origin of the cancellation, in the form of the failure that dependents receive.
        error: NodeError,
        /// The time of the event.
        at: Time,
    },
    /// A rule's predicate was evaluated.
    Evaluated {
        /// The rule.
        rule: RuleId,
        /// The result of the predicate.
        held: bool,
        /// The reads of the evaluation: when one of these changes, the predicate is evaluated again.
        reads: P::Reads,
        /// The time of the event.
        at: Time,
    },
    /// A rule fired.
    Fired {
        /// The rule.
        rule: RuleId,
        /// The binding that it was applied to.
        binding: Binding,
        /// The additions of its body.
        additions: P::Additions,
        /// The time of the event.
        at: Time,
    },
    /// A node added nodes while it ran. Every one of them depends on the node.
    Grown {
        /// The node.
        node: NodeId,
        /// The additions.
        additions: P::Additions,
        /// The time of the event.
        at: Time,
    },
    /// A rule's predicate or body failed, and nothing was added.
    RuleFailed {
        /// The rule.
        rule: RuleId,
        /// The binding that it was applied to.
        binding: Binding,
        /// The error.
        error: RuleError,
        /// The time of the event.
        at: Time,
    },
    /// No further node of a stage can appear.
    Closed {
        /// The stage.
        stage: StageId,
        /// The node below which no further one can appear; `None` for the whole run.
        under: Option<NodeId>,
        /// `true` if it closed because the run was quiescent, and not because nothing could lead to it.
        at_rest: bool,
        /// The time of the event.
        at: Time,
    },
    /// Cancellation of some nodes, or of the whole run, was requested. The cancellations follow as events.
    CancelRequested {
        /// The scope of the cancellation.
        what: CancelScope,
        /// The origin or the reason of the request.
        why: P::Text,
        /// The time of the event.
        at: Time,
    },
    /// The run was stopped before its end.
    RunStopped {
        /// The reason.
        why: P::Text,
        /// The time of the event.
        at: Time,
    },
    /// The run ended: no further event can follow.
    RunEnded {
        /// The time of the event.
        at: Time,
    },
}

impl<P: Payload> Event<P> {
    /// Returns the time of the event.
    #[inline]
    pub fn at(&self) -> Time {
        match *self {
            Self::Added { at, .. }
            | Self::RunStarted { at }
            | Self::Started { at, .. }
            | Self::Succeeded { at, .. }
            | Self::Failed { at, .. }
            | Self::AttemptFailed { at, .. }
            | Self::RetryDue { at, .. }
            | Self::Skipped { at, .. }
            | Self::Cancelled { at, .. }
            | Self::Evaluated { at, .. }
            | Self::Fired { at, .. }
            | Self::Grown { at, .. }
            | Self::RuleFailed { at, .. }
            | Self::Closed { at, .. }
            | Self::CancelRequested { at, .. }
            | Self::RunStopped { at, .. }
            | Self::RunEnded { at } => at,
        }
    }
}

impl Event<Full> {
    /// Returns the brief form of an event after which the graph has `len` nodes.
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
            Self::RetryDue { node, at } => Event::RetryDue { node, at },
            Self::Skipped { node, because, at } => Event::Skipped { node, because, at },
            Self::Cancelled { node, ref error, at } => Event::Cancelled { node, error: error.clone(), at },
            Self::Evaluated { rule, held, at, .. } => Event::Evaluated { rule, held, reads: (), at },
            Self::Fired { rule, binding, ref additions, at } => {
                Event::Fired { rule, binding, additions: newest(additions), at }
            }
            Self::Grown { node, ref additions, at } => Event::Grown { node, additions: newest(additions), at },
            Self::RuleFailed { rule, binding, ref error, at } => {
                Event::RuleFailed { rule, binding, error: error.clone(), at }
            }
            Self::Closed { stage, under, at_rest, at } => Event::Closed { stage, under, at_rest, at },
            Self::CancelRequested { what, ref why, at } => {
                Event::CancelRequested { what, why: Arc::new(why.clone()), at }
            }
            Self::RunStopped { ref why, at } => Event::RunStopped { why: Arc::new(why.clone()), at },
            Self::RunEnded { at } => Event::RunEnded { at },
        }
    }
}

/// The scope of a cancellation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CancelScope {
    /// The whole run.
    EntireRun,
    /// This node.
    SingleNode(NodeId),
    /// This node and all its descendants in the lineage, present and future.
    Subtree(NodeId),
    /// All nodes of this stage, present and future.
    WholeStage(StageId),
}

/// Nodes that were added together; their ids are consecutive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewNodes {
    first: NodeId,
    count: u32,
}

impl NewNodes {
    /// Returns the newest `count` of `len` nodes.
    pub(crate) fn last(count: usize, len: usize) -> Self {
        Self { first: NodeId::from_index(len - count), count: count as u32 }
    }

    /// Returns the number of nodes.
    pub fn len(self) -> usize {
        self.count as usize
    }

    /// Returns `true` if there are no nodes.
    pub fn is_empty(self) -> bool {
        self.count == 0
    }

    /// Iterates over the nodes, in the order in which they were added.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator {
        let first = self.first.index();
        (first..first + self.len()).map(NodeId::from_index)
    }

    /// Returns the number of nodes of the graph after they were added.
    pub(crate) fn end(self) -> usize {
        self.first.index() + self.len()
    }
}
