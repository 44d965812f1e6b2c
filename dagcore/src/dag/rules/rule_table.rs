//! The rules of a run, and how far each of them has come.

use super::rule_spec::{Binding, Condition, Declared, RuleSpec};
use crate::dag::base::first_few::Few;
use crate::dag::base::ids::{FiringId, NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
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
pub(crate) struct Look {
    pub(crate) nodes: Vec<(NodeId, NodeState)>,
    /// How many nodes there were, and how many of them had succeeded.
    pub(crate) stages: Vec<(StageId, usize, usize)>,
    pub(crate) names: Vec<(String, bool)>,
    pub(crate) all: Option<usize>,
    /// Whether it read more than that.
    pub(crate) more: bool,
}

#[derive(Debug)]
pub(crate) struct RuleRecord {
    pub(crate) spec: RuleSpec,
    pub(crate) phase: Phase,
    /// The firing whose body registered it, and its position there.
    scope: FiringId,
    position: u32,
    /// How many of its conditions, the predicate among them, do not hold yet.
    pub(crate) unmet: u32,
    pub(crate) predicate_held: bool,
    /// Changes when the predicate is asked again: what it read before does not matter any more.
    pub(crate) asked: u32,
    /// What the predicate read when it last said no.
    pub(crate) last_look: Option<Box<Look>>,
    /// Whether it is in the list of rules to ask.
    pub(crate) to_ask: bool,
    pub(crate) fired: u32,
    /// The nodes that its `within` kept it from.
    pub(crate) held_back: Few<NodeId>,
    /// Whether its body, or its predicate, failed: see [`Rules::failed`].
    pub(crate) failed: bool,
    /// Nodes that an `each` rule found while other conditions did not hold.
    pub(crate) held: Vec<NodeId>,
    /// Groups for which what it waits for below them does not hold yet.
    pub(crate) incomplete: u32,
    /// Which of its conditions cannot come true any more.
    pub(crate) dead: Option<u32>,
}

impl RuleRecord {
    /// Whether it has neither fired nor failed.
    pub(crate) fn never_fired(&self) -> bool {
        self.fired == 0 && !self.failed
    }
}

/// The rules of a run.
#[derive(Default, Debug)]
pub(crate) struct Rules {
    pub(crate) records: Vec<RuleRecord>,
    /// What rules were to be applied to when a body, or a predicate, failed; and which of the rules' failures that is.
    failed: BTreeMap<(RuleId, Binding), usize>,
    /// What the rules declare that were registered last, to be shared with those that declare the same.
    latest: [Option<Arc<Declared>>; LATEST],
    roots: u32,
}

/// A body that registers rules is as a rule applied again and again, and registers few kinds of them.
const LATEST: usize = 4;

impl Rules {
    pub(crate) fn push(&mut self, spec: &RuleSpec, scope: FiringId, position: u32) -> RuleId {
        let position = if scope.is_some() { position } else { self.roots };
        self.roots += u32::from(!scope.is_some());
        let (declared, feeds) = (self.shared(spec.declared()), spec.feeds);
        self.records.push(RuleRecord {
            unmet: spec.conditions.len() as u32 + u32::from(spec.predicate),
            spec: RuleSpec::of(declared, spec.conditions.clone(), feeds),
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

    /// The rules that were registered when there were so many already, in their order.
    pub(crate) fn specs_from(&self, from: usize) -> impl Iterator<Item = &RuleSpec> {
        self.records.iter().skip(from).map(|record| &record.spec)
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
    pub(crate) fn fail(&mut self, rule: RuleId, binding: Binding, failure: usize) {
        self.failed.insert((rule, binding), failure);
        if let Some(record) = self.records.get_mut(rule.index()) {
            record.failed = true;
        }
    }

    /// Whether it failed when it was to be applied to this.
    pub(crate) fn has_failed(&self, rule: RuleId, binding: Binding) -> bool {
        self.get(rule).is_some_and(|record| record.failed) && self.failed.contains_key(&(rule, binding))
    }

    /// Which of the rules' failures are those of one rule, in the order of what it was to be applied to.
    pub(crate) fn failures(&self, rule: RuleId) -> impl Iterator<Item = usize> {
        self.failed.range((rule, None)..=(rule, Some(NodeId::NONE))).map(|(_, failure)| *failure)
    }

    /// The condition of a rule at this place.
    pub(crate) fn condition(&self, rule: RuleId, place: u32) -> Option<&Condition> {
        self.get(rule)?.spec.conditions.get(place as usize)
    }

    pub(crate) fn get(&self, rule: RuleId) -> Option<&RuleRecord> {
        self.records.get(rule.index())
    }

    pub(crate) fn scope(&self, rule: RuleId) -> FiringId {
        self.get(rule).map_or(FiringId::NONE, |record| record.scope)
    }

    /// Where a rule was registered: by which firing, and as which of its rules.
    pub(crate) fn place(&self, rule: RuleId) -> Option<(FiringId, u32)> {
        self.get(rule).map(|record| (record.scope, record.position))
    }
}
