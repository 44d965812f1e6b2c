//! Why the machine refuses an event.

use crate::dag::base::ids::{NodeId, RuleId, StageId};
use std::fmt;

/// An event that cannot have happened. Nothing was changed.
///
/// The variants say what the event contradicts; `Display` is the whole sentence.
///
/// ```
/// use dagcore::dag::{Event, Machine, NodeId, Place, Refused, StageInfo, Time};
///
/// let mut machine = Machine::new(|_| StageInfo::new("step", Place::Async));
/// let node = NodeId::from_index(7);
/// let refused = machine.apply(&Event::Started { node, at: Time::START }).unwrap_err();
/// assert!(matches!(refused, Refused::InvalidNode { node: unknown, .. } if unknown == node));
/// assert_eq!(refused.to_string(), "there is no node 7");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Refused {
    /// Contradicts the state of the run: it has not started, it is not at rest, or it has ended.
    InvalidRun {
        /// The sentence.
        why: String,
    },
    /// Contradicts the state of a node, or there is no such node.
    InvalidNode {
        /// The node.
        node: NodeId,
        /// The sentence.
        why: String,
    },
    /// Contradicts the state of a rule, or there is no such rule.
    InvalidRule {
        /// The rule.
        rule: RuleId,
        /// The sentence.
        why: String,
    },
    /// Contradicts whether a stage is open: it closes twice, or before nothing leads to it.
    InvalidStage {
        /// The stage.
        stage: StageId,
        /// The sentence.
        why: String,
    },
    /// An addition to a stage that has closed, or of what leads to one.
    Closed {
        /// The stage that has closed.
        stage: StageId,
        /// The sentence.
        why: String,
    },
    /// An addition of a stage that the rule or the running node does not declare.
    Undeclared {
        /// The sentence.
        why: String,
    },
    /// An addition of a key that another node has.
    KeyTaken {
        /// The stage of both nodes.
        stage: StageId,
        /// The sentence.
        why: String,
    },
    /// Additions that are no part of any graph: an edge from a newer node, say.
    Malformed {
        /// The sentence.
        why: String,
    },
}

impl Refused {
    /// The sentence that `Display` writes.
    pub fn why(&self) -> &str {
        match self {
            Self::InvalidRun { why }
            | Self::InvalidNode { why, .. }
            | Self::InvalidRule { why, .. }
            | Self::InvalidStage { why, .. }
            | Self::Closed { why, .. }
            | Self::Undeclared { why }
            | Self::KeyTaken { why, .. }
            | Self::Malformed { why } => why,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why())
    }
}

impl std::error::Error for Refused {}
