//! Subscriptions: from nodes, stages and names to the rules that wait for them.
//!
//! Nothing here is searched. An event looks up its own node, stage or name. The rules that wait for a count are in a
//! heap, so that only those are touched whose count has been reached.

use super::node_subscriptions::Waiting;
use super::predicate_reads::Reads;
use super::rule_spec::{Condition, Each, RuleSpec};
use super::rule_table::Rules;
use crate::dag::base::ids::{NodeId, RuleId, StageId};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// Rules that wait for a number of nodes, the smallest number first.
type Counts = BinaryHeap<Reverse<(usize, RuleId)>>;

/// A rule with the number of the evaluation in which it read: see `RuleRecord::asked`.
type Reader = (RuleId, u32);

/// The subscriptions to one stage.
#[derive(Default, Debug)]
pub(crate) struct StageWatch {
    pub(crate) each: Vec<RuleId>,
    pub(crate) each_failed: Vec<RuleId>,
    counts: Counts,
    counts_done: Counts,
    closed: Vec<RuleId>,
    readers: Vec<Reader>,
}

/// The subscriptions of all rules.
#[derive(Default, Debug)]
pub(crate) struct Watches {
    nodes: Waiting,
    names: HashMap<String, Vec<RuleId>>,
    stages: Vec<StageWatch>,
    node_readers: HashMap<NodeId, Vec<Reader>>,
    name_readers: HashMap<String, Vec<Reader>>,
    all_readers: Vec<Reader>,
}

impl Watches {
    pub(crate) fn add_each(&mut self, rule: RuleId, spec: &RuleSpec) {
        match spec.each {
            Each::Once | Each::Under(_) => {}
            Each::Succeeded(stage) => self.stage_mut(stage).each.push(rule),
            Each::Failed(stage) => self.stage_mut(stage).each_failed.push(rule),
        }
    }

    /// Subscribes to `condition`, the one at `place` of the rule, which does not hold yet.
    pub(crate) fn add(&mut self, rule: RuleId, place: u32, condition: &Condition) {
        match condition {
            Condition::Done(node) | Condition::Settled(node) | Condition::Failed(node) => {
                self.nodes.push(*node, rule, place);
            }
            Condition::Count(stage, wanted) => self.stage_mut(*stage).counts.push(Reverse((*wanted, rule))),
            Condition::CountDone(stage, wanted) => self.stage_mut(*stage).counts_done.push(Reverse((*wanted, rule))),
            Condition::Named(name) => self.names.entry(name.clone()).or_default().push(rule),
            Condition::Closed(stage) => self.stage_mut(*stage).closed.push(rule),
        }
    }

    /// Subscribes to everything that a predicate read.
    pub(crate) fn read(&mut self, rule: RuleId, asked: u32, reads: &Reads, rules: &Rules) {
        let reader = (rule, asked);
        for node in &reads.nodes {
            push_reader(self.node_readers.entry(*node).or_default(), reader, rules);
        }
        for stage in &reads.stages {
            push_reader(&mut self.stage_mut(*stage).readers, reader, rules);
        }
        for name in &reads.names {
            push_reader(self.name_readers.entry(name.clone()).or_default(), reader, rules);
        }
        if reads.all {
            push_reader(&mut self.all_readers, reader, rules);
        }
    }

    #[inline]
    pub(crate) fn stage(&self, stage: StageId) -> Option<&StageWatch> {
        self.stages.get(stage.index())
    }

    /// Removes and returns the first rule that waited for this node to settle, and the index of its condition.
    pub(crate) fn node_settled(&mut self, node: NodeId) -> Option<(RuleId, u32)> {
        self.nodes.pop(node)
    }

    /// Removes and returns a rule that waited for at most `count` nodes of `stage`.
    #[inline]
    pub(crate) fn count_reached(&mut self, stage: StageId, count: usize) -> Option<RuleId> {
        pop_reached(&mut self.stages.get_mut(stage.index())?.counts, count)
    }

    /// Removes and returns a rule that waited for at most `count` succeeded nodes of `stage`.
    #[inline]
    pub(crate) fn count_done_reached(&mut self, stage: StageId, count: usize) -> Option<RuleId> {
        pop_reached(&mut self.stages.get_mut(stage.index())?.counts_done, count)
    }

    /// Removes and returns the rules that waited for a node of this name.
    pub(crate) fn named(&mut self, name: &str) -> Vec<RuleId> {
        self.names.remove(name).unwrap_or_default()
    }

    /// Removes and returns the rules that waited for this stage to close.
    pub(crate) fn closed(&mut self, stage: StageId) -> Vec<RuleId> {
        self.stages.get_mut(stage.index()).map(|watch| std::mem::take(&mut watch.closed)).unwrap_or_default()
    }

    /// Enqueues the predicates that read this node for evaluation.
    pub(crate) fn node_changed(&mut self, node: NodeId, rules: &mut Rules, ask: &mut Vec<RuleId>) {
        if self.node_readers.is_empty() {
            return;
        }
        if let Some(readers) = self.node_readers.remove(&node) {
            ask_again(readers, rules, ask);
        }
    }

    /// Enqueues the predicates that read this stage's nodes, or all nodes, for evaluation.
    #[inline]
    pub(crate) fn stage_changed(&mut self, stage: StageId, rules: &mut Rules, ask: &mut Vec<RuleId>) {
        if let Some(watch) = self.stages.get_mut(stage.index()) {
            if !watch.readers.is_empty() {
                ask_again(std::mem::take(&mut watch.readers), rules, ask);
            }
        }
        if !self.all_readers.is_empty() {
            ask_again(std::mem::take(&mut self.all_readers), rules, ask);
        }
    }

    /// Enqueues the predicates that looked up this name for evaluation.
    pub(crate) fn name_changed(&mut self, name: &str, rules: &mut Rules, ask: &mut Vec<RuleId>) {
        if let Some(readers) = self.name_readers.remove(name) {
            ask_again(readers, rules, ask);
        }
    }

    fn stage_mut(&mut self, stage: StageId) -> &mut StageWatch {
        if self.stages.len() <= stage.index() {
            self.stages.resize_with(stage.index() + 1, StageWatch::default);
        }
        &mut self.stages[stage.index()]
    }
}

#[inline]
fn pop_reached(counts: &mut Counts, count: usize) -> Option<RuleId> {
    let Reverse((wanted, _)) = counts.peek()?;
    if *wanted <= count { counts.pop().map(|Reverse((_, rule))| rule) } else { None }
}

/// Adds a reader to a list. Stale entries, whose rule was evaluated again since, are removed only when the list would
/// grow: that amortizes the cost.
fn push_reader(readers: &mut Vec<Reader>, reader: Reader, rules: &Rules) {
    if readers.last() == Some(&reader) {
        return;
    }
    if readers.len() == readers.capacity() {
        readers.retain(|(rule, asked)| rules.records[rule.index()].asked == *asked);
        readers.reserve(readers.len().max(4)); // so that the next cleanup comes only after as many pushes
    }
    readers.push(reader);
}

/// Enqueues the predicates of these readers for evaluation, each at most once.
fn ask_again(readers: Vec<Reader>, rules: &mut Rules, ask: &mut Vec<RuleId>) {
    for (rule, asked) in readers {
        let record = &mut rules.records[rule.index()];
        // An entry with another number is stale: the rule was evaluated again, and its new reads are subscribed
        // separately.
        if record.asked == asked && !record.to_ask && !record.predicate_held {
            record.to_ask = true;
            ask.push(rule);
        }
    }
}
