//! The arrows of a possible graph: between which ends, and what they say.

use crate::dag::base::declared_additions::Keying;
use crate::dag::rules::rule_spec::Below;

/// Who leads to whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PossibleArrow {
    pub(super) from: ArrowEnd,
    pub(super) to: ArrowEnd,
    pub(super) kind: ArrowKind,
    pub(super) actual: Option<usize>,
}

/// Where an arrow begins or ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum ArrowEnd {
    /// At the stage with this place in [`Possible::stages`](super::Possible::stages).
    Stage(usize),
    /// At the rule with this place in [`Possible::rules`](super::Possible::rules).
    Rule(usize),
    /// At any stage there is: a rule that declares nothing may add anything.
    Anything,
}

/// What an arrow says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ArrowKind {
    /// The rule fires for each node of the stage that succeeds.
    Each,
    /// The rule fires for each node of the stage that fails.
    EachFailed,
    /// The rule fires once for each node of the stage, when what it waits for below that node has come.
    BelowEach,
    /// The rule waits for this of the stage's nodes below each node of another.
    Below(Below),
    /// The rule waits for the stage to close.
    Closed,
    /// The rule waits for so many nodes of the stage.
    Count(usize),
    /// The rule waits for so many nodes of the stage to succeed.
    CountDone(usize),
    /// The rule waits for a node of the stage to succeed.
    Done,
    /// The rule waits for a node of the stage to end.
    Settled,
    /// The rule waits for a node of the stage to fail.
    Failed,
    /// The rule waits for a name that a node of the stage has.
    Named,
    /// The rule, or a node of the stage while it runs, may add nodes of the other stage.
    Adds {
        /// Whether they have keys.
        keying: Keying,
        /// At most so many firings along any line of the lineage.
        within: Option<u32>,
    },
    /// The body of the rule has registered the other one.
    Registers,
    /// The program has a node of the later stage that needs the success of one of the earlier.
    Needs,
    /// The program has a node of the later stage that runs once one of the earlier has ended, however that was.
    Follows,
}

impl PossibleArrow {
    /// Where it begins.
    pub fn from(&self) -> ArrowEnd {
        self.from
    }

    /// Where it ends.
    pub fn to(&self) -> ArrowEnd {
        self.to
    }

    /// What it says.
    pub fn kind(&self) -> ArrowKind {
        self.kind
    }

    /// In a run and after it: how many nodes were really added this way, or rules registered. `None` for an arrow that
    /// says neither, and for one to anything: what was really added then has arrows of its own.
    pub fn actual(&self) -> Option<usize> {
        self.actual
    }
}
