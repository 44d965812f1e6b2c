//! The stages that a program, its rules and these stages mention, each with an index and its declaration.

use super::arrow::ArrowKind;
use super::facts::Facts;
use crate::dag::base::declared_additions::{Adds, Keying};
use crate::dag::base::ids::{NodeId, StageId};
use crate::dag::graph::lineage::AddedBy;
use crate::dag::rules::rule_spec::{Condition, Each, RuleSpec};
use std::collections::{BTreeMap, BTreeSet};

/// Declared additions, by index of the stage.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) anything: bool,
    pub(super) list: Vec<(usize, Keying)>,
}

/// The known stages, each with an index.
pub(super) struct Stages<'a> {
    pub(super) facts: &'a Facts<'a>,
    /// The declared additions of the rules that feed the lists of maps.
    feeders: BTreeMap<NodeId, &'a Adds>,
    pub(super) list: Vec<StageId>,
    places: BTreeMap<StageId, usize>,
}

impl<'a> Stages<'a> {
    /// Collects the stages of these facts; rules are visited in this order.
    pub(super) fn new(facts: &'a Facts<'a>, rules: &[usize]) -> Self {
        let feeders = facts.rules.iter().filter_map(|rule| Some((rule.spec.feeds?, &rule.spec.adds)));
        let mut stages = Self { facts, feeders: feeders.collect(), list: Vec::new(), places: BTreeMap::new() };
        stages.collect(rules);
        stages
    }

    /// Adds all stages that the program's nodes and the rules mention, with the additions of such stages; then the
    /// other stages of a run.
    fn collect(&mut self, rules: &[usize]) {
        let facts = self.facts;
        let own = facts.nodes.iter().filter(|node| node.by == AddedBy::Program && !node.open);
        own.for_each(|node| self.meet(node.stage));
        for rule in rules {
            let spec = facts.rules[*rule].spec;
            spec.stages().for_each(|stage| self.meet(stage));
            spec.adds.list().iter().for_each(|addition| self.meet_group(addition.keying));
        }
        self.meet_added(0);
        let first = self.list.len();
        let others: BTreeSet<StageId> = facts.nodes.iter().filter(|node| !node.open).map(|node| node.stage).collect();
        let mut others: Vec<StageId> = others.into_iter().filter(|stage| self.place(*stage).is_none()).collect();
        others.sort_by_key(|stage| facts.describe(*stage).name);
        others.into_iter().for_each(|stage| self.meet(stage));
        self.meet_added(first);
    }

    fn meet(&mut self, stage: StageId) {
        let list = &mut self.list;
        self.places.entry(stage).or_insert_with(|| {
            list.push(stage);
            list.len() - 1
        });
    }

    fn meet_group(&mut self, keying: Keying) {
        if let Keying::Under(group) = keying {
            self.meet(group);
        }
    }

    fn meet_added(&mut self, mut next: usize) {
        while let Some(stage) = self.list.get(next).copied() {
            for addition in self.facts.describe(stage).adds.map_or(&[][..], Adds::list) {
                self.meet(addition.stage);
                self.meet_group(addition.keying);
            }
            next += 1;
        }
    }

    pub(super) fn place(&self, stage: StageId) -> Option<usize> {
        self.places.get(&stage).copied()
    }

    pub(super) fn declared(&self, adds: Option<&Adds>) -> Declared {
        let list = adds.map_or(&[][..], Adds::list).iter();
        Declared {
            anything: adds == Some(&Adds::Anything),
            list: list.filter_map(|addition| Some((self.place(addition.stage)?, addition.keying))).collect(),
        }
    }

    /// Returns the stage of a node; for the list of a map, the stages of its elements.
    pub(super) fn of_node(&self, node: NodeId) -> Vec<usize> {
        match self.facts.nodes.get(node.index()) {
            None => Vec::new(),
            Some(fact) if !fact.open => self.place(fact.stage).into_iter().collect(),
            Some(_) => {
                let list = self.feeders.get(&node).map_or(&[][..], |adds| adds.list());
                list.iter().filter_map(|addition| self.place(addition.stage)).collect()
            }
        }
    }

    /// Returns the stages that a rule reads apart from its conditions.
    pub(super) fn standing_looks(&self, spec: &RuleSpec) -> Vec<(usize, ArrowKind)> {
        let each = match spec.each {
            Each::Once => None,
            Each::Succeeded(stage) => Some((stage, ArrowKind::Each)),
            Each::Failed(stage) => Some((stage, ArrowKind::EachFailed)),
            Each::Under(stage) => Some((stage, ArrowKind::BelowEach)),
        };
        let below = spec.under.iter().map(|(stage, below)| (*stage, ArrowKind::Below(*below)));
        each.into_iter().chain(below).filter_map(|(stage, kind)| Some((self.place(stage)?, kind))).collect()
    }

    pub(super) fn looks(&self, condition: &Condition, names: &BTreeMap<&str, NodeId>) -> Vec<(usize, ArrowKind)> {
        let stage = |stage: &StageId, kind| self.place(*stage).into_iter().map(|place| (place, kind)).collect();
        let node = |node: &NodeId, kind| self.of_node(*node).into_iter().map(|place| (place, kind)).collect();
        match condition {
            Condition::Done(done) => node(done, ArrowKind::Done),
            Condition::Settled(settled) => node(settled, ArrowKind::Settled),
            Condition::Failed(failed) => node(failed, ArrowKind::Failed),
            Condition::Count(counted, wanted) => stage(counted, ArrowKind::Count(*wanted)),
            Condition::CountDone(counted, wanted) => stage(counted, ArrowKind::CountDone(*wanted)),
            Condition::Named(name) => names.get(name.as_str()).map_or(Vec::new(), |own| node(own, ArrowKind::Named)),
            Condition::Closed(closed) => stage(closed, ArrowKind::Closed),
        }
    }
}
