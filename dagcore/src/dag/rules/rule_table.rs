//! The table of registered rules, with the state of each.

use super::rule_spec::{Binding, Condition, Declared, RuleSpec};
use crate::dag::base::first_few::Few;
use crate::dag::base::ids::{FiringId, NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The state of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// The rule may still fire.
    Armed,
    /// The conditions hold, and the body is to be run.
    Due,
    /// The rule fires once only, and has fired or failed.
    Spent,
    /// The rule can never fire, because one of its conditions cannot come true any more.
    Dead,
}

/// The reads of a predicate with the values at that time, limited to the first few of each kind.
#[derive(Default, Debug)]
pub(crate) struct Look {
    pub(crate) nodes: Vec<(NodeId, NodeState)>,
    /// Each stage with its number of nodes and how many of them had succeeded.
    pub(crate) stages: Vec<(StageId, usize, usize)>,
    pub(crate) names: Vec<(String, bool)>,
    pub(crate) all: Option<usize>,
    /// `true` if it read more than that.
    pub(crate) more: bool,
}

/// A registered rule, with its state.
#[derive(Debug)]
pub(crate) struct RuleRecord {
    pub(crate) spec: RuleSpec,
    pub(crate) phase: Phase,
    /// The firing whose body registered the rule, and the position in that body.
    scope: FiringId,
    position: u32,
    /// The number of conditions, including the predicate, that do not hold yet.
    pub(crate) unmet: u32,
    pub(crate) predicate_held: bool,
    /// The number of evaluations of the predicate. Reads recorded under an older number are stale.
    pub(crate) asked: u32,
    /// The reads of the last evaluation that returned `false`.
    pub(crate) last_look: Option<Box<Look>>,
    /// `true` if the rule is in the queue of predicates to evaluate.
    pub(crate) to_ask: bool,
    pub(crate) fired: u32,
    /// The nodes that the rule was not applied to because of its `within`.
    pub(crate) held_back: Few<NodeId>,
    /// `true` if its body or its predicate failed: see [`Rules::failed`].
    pub(crate) failed: bool,
    /// Nodes that an `each` rule found while other conditions did not hold.
    pub(crate) held: Vec<NodeId>,
    /// The number of groups below which the conditions of the rule do not hold yet.
    pub(crate) incomplete: u32,
    /// The condition that cannot come true any more.
    pub(crate) dead: Option<u32>,
}

impl RuleRecord {
    /// Returns `true` if the rule has neither fired nor failed.
    pub(crate) fn never_fired(&self) -> bool {
        self.fired == 0 && !self.failed
    }
}

/// The rules of a run.
#[derive(Default, Debug)]
pub(crate) struct Rules {
    pub(crate) records: Vec<RuleRecord>,
    /// The rules with failed bodies or predicates, with the binding, and the index of the failure.
    failed: BTreeMap<(RuleId, Binding), usize>,
    /// The declarations of the rules registered last, for sharing with rules that declare the same.
    latest: [Option<Arc<Declared>>; LATEST],
    roots: u32,
}

/// The number of declarations kept for sharing. A rule body that registers rules typically runs many times and
/// registers few kinds of them, so comparing with the latest few is enough.
const LATEST: usize = 4;

impl Rules {
    /// Registers a rule, and returns its id.
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

    /// Iterates over the rules registered after the first `from`, in order.
    pub(crate) fn specs_from(&self, from: usize) -> impl Iterator<Item = &RuleSpec> {
        self.records.iter().skip(from).map(|record| &record.spec)
    }

    /// Returns a declaration equal to this one, shared with an earlier rule if possible.
    fn shared(&mut self, declared: &Arc<Declared>) -> Arc<Declared> {
        let known = self.latest.iter().position(|known| known.as_ref() == Some(declared));
        let place = known.unwrap_or(LATEST - 1);
        if known.is_none() {
            self.latest[place] = Some(Arc::clone(declared));
        }
        // Most recently used first, so the last one is evicted.
        self.latest[..=place].rotate_right(1);
        self.latest[0].as_ref().map_or_else(|| Arc::clone(declared), Arc::clone)
    }

    /// Records that a rule's body or predicate failed.
    pub(crate) fn fail(&mut self, rule: RuleId, binding: Binding, failure: usize) {
        self.failed.insert((rule, binding), failure);
        if let Some(record) = self.records.get_mut(rule.index()) {
            record.failed = true;
        }
    }

    /// Returns `true` if the rule failed for this binding.
    pub(crate) fn has_failed(&self, rule: RuleId, binding: Binding) -> bool {
        self.get(rule).is_some_and(|record| record.failed) && self.failed.contains_key(&(rule, binding))
    }

    /// Iterates over the indices of the failures of one rule, in the order of bindings.
    pub(crate) fn failures(&self, rule: RuleId) -> impl Iterator<Item = usize> {
        self.failed.range((rule, None)..=(rule, Some(NodeId::NONE))).map(|(_, failure)| *failure)
    }

    /// Returns the condition of a rule at this index.
    pub(crate) fn condition(&self, rule: RuleId, place: u32) -> Option<&Condition> {
        self.get(rule)?.spec.conditions.get(place as usize)
    }

    pub(crate) fn get(&self, rule: RuleId) -> Option<&RuleRecord> {
        self.records.get(rule.index())
    }

    pub(crate) fn scope(&self, rule: RuleId) -> FiringId {
        self.get(rule).map_or(FiringId::NONE, |record| record.scope)
    }

    /// Returns the firing that registered a rule, and the position in that firing's body.
    pub(crate) fn place(&self, rule: RuleId) -> Option<(FiringId, u32)> {
        self.get(rule).map(|record| (record.scope, record.position))
    }
}
