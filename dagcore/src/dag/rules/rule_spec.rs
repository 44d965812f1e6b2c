//! Rules without their functions: what they wait for, and what they may add.

use crate::dag::base::declared_additions::Adds;
use crate::dag::base::ids::{NodeId, StageId};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// What a firing is applied to: the node of an `each` rule, or nothing.
pub type Binding = Option<NodeId>;

/// What must be true once before a rule fires.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Condition {
    /// The node succeeded.
    Done(NodeId),
    /// The node ended.
    Settled(NodeId),
    /// The node failed.
    Failed(NodeId),
    /// So many nodes of the stage exist.
    Count(StageId, usize),
    /// So many nodes of the stage succeeded.
    CountDone(StageId, usize),
    /// A node of this name exists.
    Named(String),
    /// No further node of the stage can appear.
    Closed(StageId),
}

impl Condition {
    /// The node that it waits for by its handle.
    pub(crate) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Done(node) | Self::Settled(node) | Self::Failed(node) => Some(*node),
            Self::Count(..) | Self::CountDone(..) | Self::Named(_) | Self::Closed(_) => None,
        }
    }

    /// The name of the node that it waits for.
    pub(crate) fn name(&self) -> Option<&str> {
        if let Self::Named(name) = self { Some(name) } else { None }
    }

    /// The stage whose nodes it waits for.
    pub(crate) fn stage(&self) -> Option<StageId> {
        match self {
            Self::Count(stage, _) | Self::CountDone(stage, _) | Self::Closed(stage) => Some(*stage),
            Self::Done(_) | Self::Settled(_) | Self::Failed(_) | Self::Named(_) => None,
        }
    }
}

/// Whether a rule fires once, or once for each node that ends in a certain way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Each {
    /// Once.
    Once,
    /// Once for each node of the stage that succeeds.
    Succeeded(StageId),
    /// Once for each node of the stage that fails.
    Failed(StageId),
    /// Once for each node of the stage, when what is said of the nodes below it holds: see [`RuleSpec::under`].
    Under(StageId),
}

impl Each {
    /// The stage for whose nodes it fires.
    pub(crate) fn stage(self) -> Option<StageId> {
        match self {
            Self::Once => None,
            Self::Succeeded(stage) | Self::Failed(stage) | Self::Under(stage) => Some(stage),
        }
    }
}

/// What is waited for below a node, in the lineage.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Below {
    /// No further node of a stage can appear.
    Closed,
    /// And all of them have ended.
    Settled,
    /// And all of them have succeeded.
    Done,
}

/// A rule without its functions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleSpec {
    declared: Arc<Declared>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) feeds: Option<NodeId>,
}

/// What all rules say that are made in one place of a program: a run that registers many of them keeps it once.
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

    /// A rule that fires at once and once, unless conditions are added to it.
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

    /// Fires as often as this says.
    pub fn each(mut self, each: Each) -> Self {
        self.each = each;
        self
    }

    /// Waits for this too.
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Waits, below each node of the stage of [`Each::Under`], for this of the nodes of `stage`.
    pub fn under(mut self, stage: StageId, below: Below) -> Self {
        self.under.push((stage, below));
        self
    }

    /// Waits until its predicate, which the engine asks, has said yes.
    pub fn asking(mut self) -> Self {
        self.predicate = true;
        self
    }

    /// Fires at most `count` times along any line of the lineage.
    pub fn within(mut self, count: u32) -> Self {
        self.within = Some(count);
        self
    }

    /// Hands the nodes that it adds to an open node, which waits for them.
    pub fn feeding(mut self, open: NodeId) -> Self {
        self.feeds = Some(open);
        self
    }

    /// Its body may register rules that it does not name, or a rule that it names may.
    pub fn registering(mut self) -> Self {
        self.registers = true;
        self
    }

    /// The rules that its body may register by name, and those that they may, look at nodes of these stages.
    pub fn reading(mut self, stages: impl IntoIterator<Item = StageId>) -> Self {
        for stage in stages {
            if !self.reads.contains(&stage) {
                self.reads.push(stage);
            }
        }
        self
    }

    /// Its functions hold values of the program's.
    pub fn capturing(mut self) -> Self {
        self.captures = true;
        self
    }

    /// Its body may register this rule, and so bring about all that it may.
    pub(crate) fn naming(mut self, inner: &Self) -> Self {
        if let Adds::Only(list) = &mut self.adds {
            let missing = inner.adds.list().iter().filter(|addition| !list.contains(addition));
            let missing: Vec<_> = missing.copied().collect();
            list.extend(missing);
        }
        self.registers |= inner.registers;
        self.reading(inner.looks_at().chain(inner.reads.iter().copied()))
    }

    /// The stages that it mentions.
    pub(crate) fn stages(&self) -> impl Iterator<Item = StageId> {
        self.looks_at().chain(self.adds.list().iter().map(|addition| addition.stage))
    }

    /// The stages whose nodes it waits for or is given.
    pub(crate) fn looks_at(&self) -> impl Iterator<Item = StageId> {
        let waited = self.conditions.iter().filter_map(Condition::stage);
        self.each.stage().into_iter().chain(waited).chain(self.below())
    }

    /// The stages that it waits for to close.
    pub(crate) fn closing(&self) -> impl Iterator<Item = StageId> {
        self.conditions.iter().filter_map(|condition| match condition {
            Condition::Closed(stage) => Some(*stage),
            _ => None,
        })
    }

    /// The stages that it waits for below each group.
    pub(crate) fn below(&self) -> impl Iterator<Item = StageId> {
        self.under.iter().map(|(stage, _)| *stage)
    }

    /// The one node that it is about, if there is just one: its firing's place in the lineage.
    pub(crate) fn about(&self) -> Option<NodeId> {
        let mut nodes = self.conditions.iter().filter_map(Condition::node);
        let first = nodes.next()?;
        nodes.all(|node| node == first).then_some(first)
    }
}
