//! Specifications of rules, without their functions: conditions and declared additions.

use crate::dag::base::declared_additions::Adds;
use crate::dag::base::ids::{NodeId, StageId};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The node that a firing is applied to, for an `each` rule; `None` for any other.
pub type Binding = Option<NodeId>;

/// A condition that must become true once before a rule fires.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Condition {
    /// The node succeeded.
    Done(NodeId),
    /// The node ended.
    Settled(NodeId),
    /// The node failed.
    Failed(NodeId),
    /// At least this number of nodes of the stage exist.
    Count(StageId, usize),
    /// At least this number of nodes of the stage succeeded.
    CountDone(StageId, usize),
    /// A node of this name exists.
    Named(String),
    /// No further node of the stage can appear.
    Closed(StageId),
}

impl Condition {
    /// Returns the node that the condition waits for by its handle.
    pub(crate) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Done(node) | Self::Settled(node) | Self::Failed(node) => Some(*node),
            Self::Count(..) | Self::CountDone(..) | Self::Named(_) | Self::Closed(_) => None,
        }
    }

    /// Returns the name of the node that the condition waits for.
    pub(crate) fn name(&self) -> Option<&str> {
        if let Self::Named(name) = self { Some(name) } else { None }
    }

    /// Returns the stage whose nodes the condition waits for.
    pub(crate) fn stage(&self) -> Option<StageId> {
        match self {
            Self::Count(stage, _) | Self::CountDone(stage, _) | Self::Closed(stage) => Some(*stage),
            Self::Done(_) | Self::Settled(_) | Self::Failed(_) | Self::Named(_) => None,
        }
    }
}

/// Whether a rule fires once, or once for each matching node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Each {
    /// Once.
    Once,
    /// Once for each node of the stage that succeeds.
    Succeeded(StageId),
    /// Once for each node of the stage that fails.
    Failed(StageId),
    /// Once for each node of the stage, when the conditions on the nodes below it hold: see [`RuleSpec::under`].
    Under(StageId),
}

impl Each {
    /// Returns the stage for whose nodes the rule fires.
    pub(crate) fn stage(self) -> Option<StageId> {
        match self {
            Self::Once => None,
            Self::Succeeded(stage) | Self::Failed(stage) | Self::Under(stage) => Some(stage),
        }
    }
}

/// A condition on the nodes of a stage below a node, in the lineage.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Below {
    /// No further node of a stage can appear.
    Closed,
    /// No further node can appear, and all of them have settled.
    Settled,
    /// No further node can appear, and all of them have succeeded.
    Done,
}

/// The specification of a rule, without its functions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleSpec {
    declared: Arc<Declared>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) feeds: Option<NodeId>,
}

/// The part of a specification that all rules from one place in a program share: a run that registers many of them
/// stores it once.
#[doc(hidden)]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declared {
    pub(crate) name: Arc<str>,
    pub(crate) each: Each,
    pub(crate) under: Vec<(StageId, Below)>,
    pub(crate) predicate: bool,
    pub(crate) adds: Adds,
    pub(crate) within: Option<u32>,
    pub(crate) registers: bool,
    pub(crate) reads: Vec<StageId>,
    pub(crate) captures: bool,
}

#[doc(hidden)]
impl Deref for RuleSpec {
    type Target = Declared;

    fn deref(&self) -> &Declared {
        &self.declared
    }
}

#[doc(hidden)]
impl DerefMut for RuleSpec {
    fn deref_mut(&mut self) -> &mut Declared {
        Arc::make_mut(&mut self.declared)
    }
}

impl RuleSpec {
    pub(super) fn of(declared: Arc<Declared>, conditions: Vec<Condition>, feeds: Option<NodeId>) -> Self {
        Self { declared, conditions, feeds }
    }

    pub(super) fn declared(&self) -> &Arc<Declared> {
        &self.declared
    }

    /// Creates a rule that fires once and immediately, unless conditions are added.
    pub fn new(name: impl Into<Arc<str>>, adds: Adds) -> Self {
        let declared = Declared {
            name: name.into(),
            each: Each::Once,
            under: Vec::new(),
            predicate: false,
            adds,
            within: None,
            registers: false,
            reads: Vec::new(),
            captures: false,
        };
        Self { declared: Arc::new(declared), conditions: Vec::new(), feeds: None }
    }

    /// Sets whether the rule fires once or for each matching node.
    pub fn each(mut self, each: Each) -> Self {
        self.each = each;
        self
    }

    /// Adds a condition.
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Adds a condition on the nodes of `stage` below each node of the stage of [`Each::Under`].
    pub fn under(mut self, stage: StageId, below: Below) -> Self {
        self.under.push((stage, below));
        self
    }

    /// Adds a predicate, which the engine evaluates and which must hold.
    pub fn asking(mut self) -> Self {
        self.predicate = true;
        self
    }

    /// Limits the rule to `count` firings along any line of the lineage.
    pub fn within(mut self, count: u32) -> Self {
        self.within = Some(count);
        self
    }

    /// Feeds the nodes that the rule adds to an open node, which waits for them.
    pub fn feeding(mut self, open: NodeId) -> Self {
        self.feeds = Some(open);
        self
    }

    /// Declares that the body may register rules that it does not name, or that a rule it names may.
    pub fn registering(mut self) -> Self {
        self.registers = true;
        self
    }

    /// Declares that rules which the body may register by name, directly or through such rules, read nodes of these
    /// stages.
    pub fn reading(mut self, stages: impl IntoIterator<Item = StageId>) -> Self {
        for stage in stages {
            if !self.reads.contains(&stage) {
                self.reads.push(stage);
            }
        }
        self
    }

    /// Declares that the functions of the rule capture values of the program.
    pub fn capturing(mut self) -> Self {
        self.captures = true;
        self
    }

    /// Declares that the body may register the rule `inner`, and so cause all that `inner` may.
    pub(crate) fn naming(mut self, inner: &Self) -> Self {
        if let Adds::Only(list) = &mut self.adds {
            let missing = inner.adds.list().iter().filter(|addition| !list.contains(addition));
            let missing: Vec<_> = missing.copied().collect();
            list.extend(missing);
        }
        self.registers |= inner.registers;
        self.reading(inner.looks_at().chain(inner.reads.iter().copied()))
    }

    /// Iterates over the stages that the rule mentions.
    pub(crate) fn stages(&self) -> impl Iterator<Item = StageId> {
        self.looks_at().chain(self.adds.list().iter().map(|addition| addition.stage))
    }

    /// Iterates over the stages whose nodes the rule waits for or receives.
    pub(crate) fn looks_at(&self) -> impl Iterator<Item = StageId> {
        let waited = self.conditions.iter().filter_map(Condition::stage);
        self.each.stage().into_iter().chain(waited).chain(self.below())
    }

    /// Iterates over the stages whose closing the rule waits for.
    pub(crate) fn closing(&self) -> impl Iterator<Item = StageId> {
        self.conditions.iter().filter_map(|condition| match condition {
            Condition::Closed(stage) => Some(*stage),
            _ => None,
        })
    }

    /// Iterates over the stages that the rule waits for below each group.
    pub(crate) fn below(&self) -> impl Iterator<Item = StageId> {
        self.under.iter().map(|(stage, _)| *stage)
    }

    /// Returns the node that all node conditions refer to, if there is exactly one: the place of the rule's firing in
    /// the lineage.
    pub(crate) fn about(&self) -> Option<NodeId> {
        let mut nodes = self.conditions.iter().filter_map(Condition::node);
        let first = nodes.next()?;
        nodes.all(|node| node == first).then_some(first)
    }
}
