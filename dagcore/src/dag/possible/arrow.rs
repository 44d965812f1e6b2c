//! The arrows of a possible graph: their ends, and their meaning.

use crate::dag::base::declared_additions::Keying;
use crate::dag::rules::rule_spec::Below;

/// A relation between stages and rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PossibleArrow {
    pub(super) from: ArrowEnd,
    pub(super) to: ArrowEnd,
    pub(super) kind: ArrowKind,
    pub(super) actual: Option<usize>,
}

/// An end of an arrow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum ArrowEnd {
    /// The stage at this index of [`Possible::stages`](super::Possible::stages).
    Stage(usize),
    /// The rule at this index of [`Possible::rules`](super::Possible::rules).
    Rule(usize),
    /// Any stage: a rule that declares nothing may add anything.
    Anything,
}

/// The meaning of an arrow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ArrowKind {
    /// The rule fires for each node of the stage that succeeds.
    Each,
    /// The rule fires for each node of the stage that fails.
    EachFailed,
    /// The rule fires once for each node of the stage, when its conditions below that node hold.
    BelowEach,
    /// The rule waits for this condition on the stage's nodes, below each node of another stage.
    Below(Below),
    /// The rule waits for the stage to close.
    Closed,
    /// The rule waits for this number of nodes of the stage.
    Count(usize),
    /// The rule waits for this number of nodes of the stage to succeed.
    CountDone(usize),
    /// The rule waits for a node of the stage to succeed.
    Done,
    /// The rule waits for a node of the stage to settle.
    Settled,
    /// The rule waits for a node of the stage to fail.
    Failed,
    /// The rule waits for the name of a node of the stage.
    Named,
    /// The rule, or a node of the stage while it runs, may add nodes of the other stage.
    Adds {
        /// Whether these nodes have keys.
        keying: Keying,
        /// The maximum number of firings along any line of the lineage.
        within: Option<u32>,
    },
    /// The body of the rule has registered the other one.
    Registers,
    /// The program has a node of the later stage that needs the success of a node of the earlier.
    Needs,
    /// The program has a node of the later stage that runs once a node of the earlier has settled, in any way.
    Follows,
}

impl PossibleArrow {
    /// Returns the start of the arrow.
    pub fn from(&self) -> ArrowEnd {
        self.from
    }

    /// Returns the end of the arrow.
    pub fn to(&self) -> ArrowEnd {
        self.to
    }

    /// Returns the meaning of the arrow.
    pub fn kind(&self) -> ArrowKind {
        self.kind
    }

    /// Returns, during and after a run, the number of nodes added or of rules registered this way. `None` for an arrow
    /// that means neither, and for an arrow to anything: the actual additions then have their own arrows.
    pub fn actual(&self) -> Option<usize> {
        self.actual
    }
}
