//! Rules as the machine sees them: what they wait for, what they may add, how far they have come.

use super::adds::Adds;
use super::few::Few;
use super::id::{FiringId, NodeId, RuleId, StageId};
use super::kind::NodeState;
use super::lineage::Lineage;
use std::collections::BTreeMap;
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
    pub(super) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Done(node) | Self::Settled(node) | Self::Failed(node) => Some(*node),
            Self::Count(..) | Self::CountDone(..) | Self::Named(_) | Self::Closed(_) => None,
        }
    }

    /// The name of the node that it waits for.
    pub(super) fn name(&self) -> Option<&str> {
        if let Self::Named(name) = self { Some(name) } else { None }
    }

    /// The stage whose nodes it waits for.
    pub(super) fn stage(&self) -> Option<StageId> {
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
    pub(super) fn stage(self) -> Option<StageId> {
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
    pub(super) fn closing(&self) -> impl Iterator<Item = StageId> {
        self.conditions.iter().filter_map(|condition| match condition {
            Condition::Closed(stage) => Some(*stage),
            _ => None,
        })
    }

    /// The stages that it waits for below each group.
    pub(super) fn below(&self) -> impl Iterator<Item = StageId> {
        self.under.iter().map(|(stage, _)| *stage)
    }

    /// The one node that it is about, if there is just one: its firing's place in the lineage.
    pub(super) fn about(&self) -> Option<NodeId> {
        let mut nodes = self.conditions.iter().filter_map(Condition::node);
        let first = nodes.next()?;
        nodes.all(|node| node == first).then_some(first)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// It may still fire.
    Armed,
    /// Its condition holds, and its body is to be run.
    Due,
    /// It has fired, or its body failed, and it fires once only.
    Spent,
    /// It waits for what cannot come any more.
    Dead,
}

/// What a predicate read, and what it was then: the first few of each kind.
#[derive(Default, Debug)]
pub(super) struct Look {
    pub(super) nodes: Vec<(NodeId, NodeState)>,
    /// How many nodes there were, and how many of them had succeeded.
    pub(super) stages: Vec<(StageId, usize, usize)>,
    pub(super) names: Vec<(String, bool)>,
    pub(super) all: Option<usize>,
    /// Whether it read more than that.
    pub(super) more: bool,
}

#[derive(Debug)]
pub(super) struct RuleRecord {
    pub(super) spec: RuleSpec,
    pub(super) phase: Phase,
    /// The firing whose body registered it, and its position there.
    scope: FiringId,
    position: u32,
    /// How many of its conditions, the predicate among them, do not hold yet.
    pub(super) unmet: u32,
    pub(super) predicate_held: bool,
    /// Changes when the predicate is asked again: what it read before does not matter any more.
    pub(super) asked: u32,
    /// What the predicate read when it last said no.
    pub(super) last_look: Option<Box<Look>>,
    /// Whether it is in the list of rules to ask.
    pub(super) to_ask: bool,
    pub(super) fired: u32,
    /// The nodes that its `within` kept it from.
    pub(super) held_back: Few<NodeId>,
    /// Whether its body, or its predicate, failed: see [`Rules::failed`].
    pub(super) failed: bool,
    /// Nodes that an `each` rule found while other conditions did not hold.
    pub(super) held: Vec<NodeId>,
    /// Groups for which what it waits for below them does not hold yet.
    pub(super) incomplete: u32,
    /// Which of its conditions cannot come true any more.
    pub(super) dead: Option<u32>,
}

impl RuleRecord {
    /// Whether it has neither fired nor failed.
    pub(super) fn never_fired(&self) -> bool {
        self.fired == 0 && !self.failed
    }
}

/// The rules of a run.
#[derive(Default, Debug)]
pub(crate) struct Rules {
    pub(super) records: Vec<RuleRecord>,
    /// What rules were to be applied to when a body, or a predicate, failed; and which of the rules' failures that is.
    failed: BTreeMap<(RuleId, Binding), usize>,
    /// What the rules declare that were registered last, to be shared with those that declare the same.
    latest: [Option<Arc<Declared>>; LATEST],
    roots: u32,
}

/// A body that registers rules is as a rule applied again and again, and registers few kinds of them.
const LATEST: usize = 4;

impl Rules {
    pub(super) fn push(&mut self, spec: &RuleSpec, scope: FiringId, position: u32) -> RuleId {
        let position = if scope.is_some() { position } else { self.roots };
        self.roots += u32::from(!scope.is_some());
        let (declared, feeds) = (self.shared(&spec.declared), spec.feeds);
        self.records.push(RuleRecord {
            unmet: spec.conditions.len() as u32 + u32::from(spec.predicate),
            spec: RuleSpec { declared, conditions: spec.conditions.clone(), feeds },
            phase: Phase::Armed,
            scope,
            position,
            predicate_held: false,
            asked: 0,
            last_look: None,
            to_ask: false,
            fired: 0,
            held_back: Few::default(),
            failed: false,
            held: Vec::new(),
            incomplete: 0,
            dead: None,
        });
        RuleId::from_index(self.records.len() - 1)
    }

    /// What is declared, shared with a rule before that declared the same.
    fn shared(&mut self, declared: &Arc<Declared>) -> Arc<Declared> {
        let known = self.latest.iter().position(|known| known.as_ref() == Some(declared));
        let place = known.unwrap_or(LATEST - 1);
        if known.is_none() {
            self.latest[place] = Some(Arc::clone(declared));
        }
        self.latest[..=place].rotate_right(1);
        self.latest[0].as_ref().map_or_else(|| Arc::clone(declared), Arc::clone)
    }

    /// A rule's body, or its predicate, failed.
    pub(super) fn fail(&mut self, rule: RuleId, binding: Binding, failure: usize) {
        self.failed.insert((rule, binding), failure);
        if let Some(record) = self.records.get_mut(rule.index()) {
            record.failed = true;
        }
    }

    /// Whether it failed when it was to be applied to this.
    pub(super) fn has_failed(&self, rule: RuleId, binding: Binding) -> bool {
        self.get(rule).is_some_and(|record| record.failed) && self.failed.contains_key(&(rule, binding))
    }

    /// Which of the rules' failures are those of one rule, in the order of what it was to be applied to.
    pub(super) fn failures(&self, rule: RuleId) -> impl Iterator<Item = usize> {
        self.failed.range((rule, None)..=(rule, Some(NodeId::NONE))).map(|(_, failure)| *failure)
    }

    /// The condition of a rule at this place.
    pub(super) fn condition(&self, rule: RuleId, place: u32) -> Option<&Condition> {
        self.get(rule)?.spec.conditions.get(place as usize)
    }

    pub(super) fn get(&self, rule: RuleId) -> Option<&RuleRecord> {
        self.records.get(rule.index())
    }

    pub(super) fn scope(&self, rule: RuleId) -> FiringId {
        self.get(rule).map_or(FiringId::NONE, |record| record.scope)
    }

    /// Where a rule was registered, and where the rule whose firing registered it, and so on up to the program.
    pub(super) fn chain(&self, rule: RuleId, lineage: &Lineage) -> Vec<(FiringId, u32)> {
        let mut chain = Vec::new();
        let mut next = rule;
        while let Some(record) = self.get(next) {
            chain.push((record.scope, record.position));
            next = lineage.get(record.scope).map_or(RuleId::NONE, |firing| firing.rule);
        }
        chain
    }
}
