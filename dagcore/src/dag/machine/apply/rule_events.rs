//! Transitions of rules: their conditions are met one by one, they fire, or they become unable to.

use crate::dag::base::errors::RuleError;
use crate::dag::base::ids::{FiringId, NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::closing::groups::Closed;
use crate::dag::graph::additions::Additions;
use crate::dag::graph::records::NodeRecord;
use crate::dag::machine::{Due, Machine};
use crate::dag::rules::predicate_reads::Reads;
use crate::dag::rules::rule_spec::{Binding, Each, RuleSpec};
use crate::dag::rules::rule_table::Phase;

impl Machine {
    /// Marks one more condition of a rule as met.
    pub(crate) fn met(&mut self, rule: RuleId) {
        let record = &mut self.rules.records[rule.index()];
        record.unmet -= 1;
        if record.unmet > 0 || record.phase != Phase::Armed || self.cancelling.has_run() {
            return;
        }
        if record.spec.each == Each::Once {
            record.phase = Phase::Due;
            self.due.push(Due { rule, binding: None });
        } else {
            let held = std::mem::take(&mut record.held);
            held.into_iter().for_each(|node| self.due.push(Due { rule, binding: Some(node) }));
        }
    }

    /// Enqueues a body, unless the run is being cancelled.
    pub(crate) fn push_due(&mut self, rule: RuleId, node: NodeId) {
        if !self.cancelling.has_run() {
            self.due.push(Due { rule, binding: Some(node) });
        }
    }

    /// Returns `true` if a rule may still be applied to a node; records the nodes that its `within` excludes.
    #[inline]
    pub(crate) fn may_bind(&mut self, rule: RuleId, node: NodeId) -> bool {
        let record = &self.rules.records[rule.index()];
        let armed = record.phase == Phase::Armed && !self.cancelling.has_run();
        let beyond = |most| self.graph.times_along(rule, node) >= most;
        let held_back = armed && record.spec.within.is_some_and(beyond);
        if held_back {
            self.rules.records[rule.index()].held_back.note(|| node);
        }
        armed && !held_back
    }

    /// Binds an `each` rule to a node that it found.
    #[inline]
    pub(crate) fn bind(&mut self, rule: RuleId, node: NodeId) {
        if !self.may_bind(rule, node) {
            return;
        }
        let NodeRecord { stage, group, bindings, .. } = &mut self.graph.nodes[node.index()];
        *bindings += 1;
        let (stage, group) = (*stage, *group);
        self.busy(stage, group);
        let record = &mut self.rules.records[rule.index()];
        if record.unmet == 0 {
            self.push_due(rule, node);
        } else {
            record.held.push(node);
        }
    }

    /// Marks a rule as dead, because this condition cannot be met any more.
    pub(crate) fn kill(&mut self, rule: RuleId, condition: u32) {
        let record = &mut self.rules.records[rule.index()];
        if record.phase != Phase::Armed {
            return;
        }
        record.dead = Some(condition);
        self.retire(rule, Phase::Dead);
    }

    /// Ends a rule: it will not fire again, nor for the nodes that it holds.
    fn retire(&mut self, rule: RuleId, phase: Phase) {
        let record = &mut self.rules.records[rule.index()];
        record.phase = phase;
        let held = std::mem::take(&mut record.held);
        let each = record.spec.each;
        self.rule_reads_no_more(rule);
        match each {
            Each::Once => self.disarm_rule(rule),
            Each::Under(stage) => self.finish_groups(rule, stage),
            Each::Succeeded(_) | Each::Failed(_) => held.into_iter().for_each(|node| self.unbind(node)),
        }
    }

    /// Removes a binding that was used up or will never be.
    #[inline]
    fn unbind(&mut self, node: NodeId) {
        let NodeRecord { stage, group, bindings, .. } = &mut self.graph.nodes[node.index()];
        *bindings -= 1;
        let (stage, group) = (*stage, *group);
        self.idle(stage, group);
        self.look_unread(node);
    }

    /// Removes a rule from the queue of predicates to evaluate. [`Machine::next_ask`] has dequeued it, unless the event
    /// was recorded.
    fn forget_ask(&mut self, rule: RuleId) {
        if std::mem::take(&mut self.rules.records[rule.index()].to_ask) {
            self.ask.retain(|waiting| *waiting != rule);
        }
    }

    pub(crate) fn asked(&mut self, rule: RuleId, held: bool, reads: &Reads) {
        self.forget_ask(rule);
        let record = &mut self.rules.records[rule.index()];
        record.asked += 1;
        if held {
            record.predicate_held = true;
            record.last_look = None;
            self.met(rule);
            return;
        }
        let asked = record.asked;
        let look = Some(Box::new(self.look(reads)));
        self.rules.records[rule.index()].last_look = look;
        self.watches.read(rule, asked, reads, &self.rules);
        for node in &reads.nodes {
            if let Some(record) = self.graph.nodes.get_mut(node.index()) {
                record.watched = true;
            }
        }
    }

    #[inline]
    pub(crate) fn fire(&mut self, rule: RuleId, binding: Binding, additions: &Additions) {
        let record = &self.rules.records[rule.index()];
        let feeds = record.spec.feeds;
        let firing = self.add(additions, rule, binding, self.parent_of_firing(rule, binding));
        if let Some(open) = feeds {
            self.graph.feed(open, firing);
            self.lengthen(open);
            self.graph.nodes[open.index()].waiting += additions.len() as u32;
            self.parent_ended(open); // an open node starts with a count of one, for the rule that feeds it
        }
        // Consumed only now: the firing stays a source until its additions are counted.
        self.rules.records[rule.index()].fired += 1;
        self.spend(rule, binding);
        self.recount();
    }

    /// Inserts the additions of a running node.
    pub(crate) fn grow(&mut self, node: NodeId, additions: &Additions) {
        self.add(additions, RuleId::NONE, Some(node), Some(node));
        self.recount();
    }

    pub(crate) fn fail_rule(&mut self, rule: RuleId, binding: Binding, error: &RuleError) {
        self.forget_ask(rule);
        self.rules.fail(rule, binding, self.rule_errors.len());
        self.rule_errors.push(error.clone());
        if let Some(open) = self.rules.records[rule.index()].spec.feeds {
            self.orphaned.push_back((open, error.cause().clone()));
            self.orphans.insert(open);
        }
        self.spend(rule, binding);
    }

    /// Consumes a binding; for a rule that fires once, the rule itself.
    #[inline]
    fn spend(&mut self, rule: RuleId, binding: Binding) {
        let due = Due { rule, binding };
        match self.handed_out.iter().position(|handed_out| *handed_out == due) {
            Some(place) => drop(self.handed_out.swap_remove(place)),
            None if self.replays => drop(self.due.take(due)),
            None => {} // the predicate of the rule failed, so it never became due
        }
        match binding {
            Some(node) => match self.waiting_at(rule, node) {
                Some((group, _)) => self.finish_group(rule, group),
                None => self.unbind(node),
            },
            None => self.retire(rule, Phase::Spent),
        }
    }

    pub(crate) fn register(&mut self, spec: &RuleSpec, scope: FiringId, position: u32) {
        let rule = self.rules.push(spec, scope, position);
        self.feeders.extend(spec.feeds.map(|open| (open, rule)));
        self.rule_reads(rule, spec);
        spec.stages().for_each(|stage| self.meet(stage));
        spec.adds.list().iter().for_each(|addition| self.declare_keying(addition.keying));
        self.closing.declare(spec);
        self.watches.add_each(rule, spec);
        match spec.each {
            Each::Once => self.arm_rule(rule),
            Each::Under(stage) => self.watch_groups(rule, stage, spec),
            Each::Succeeded(_) | Each::Failed(_) => {}
        }
        if spec.predicate {
            self.rules.records[rule.index()].to_ask = true;
            self.ask.push(rule);
        }
        if spec.conditions.is_empty() && !spec.predicate && spec.each == Each::Once {
            // Without conditions the rule is due immediately: meeting one artificial condition enqueues it.
            self.rules.records[rule.index()].unmet = 1;
            self.met(rule);
        }
        for (condition, place) in spec.conditions.iter().zip(0..) {
            match self.holds(condition) {
                Some(true) => self.met(rule),
                Some(false) => self.kill(rule, place),
                None => {
                    if let Some(node) = condition.node() {
                        self.graph.nodes[node.index()].watched = true;
                    }
                    self.watches.add(rule, place, condition);
                }
            }
        }
        let (stage, wanted) = match spec.each {
            Each::Once | Each::Under(_) => return,
            Each::Succeeded(stage) => (stage, NodeState::Succeeded),
            Each::Failed(stage) => (stage, NodeState::Failed),
        };
        let none = match wanted {
            NodeState::Succeeded => self.graph.succeeded_of(stage) == 0,
            _ => self.graph.errors.is_empty(),
        };
        let there = if none { Vec::new() } else { self.graph.nodes_of(stage).to_vec() };
        for node in there {
            if self.graph.nodes[node.index()].state == wanted {
                self.bind(rule, node);
            }
        }
    }

    fn watch_groups(&mut self, rule: RuleId, stage: StageId, spec: &RuleSpec) {
        self.groups.watch(stage, rule, &spec.under);
        self.recount();
        for group in self.groups.of(stage).map(|(group, _)| group).collect::<Vec<_>>() {
            self.bind_group(rule, group);
        }
    }

    pub(crate) fn close(&mut self, stage: StageId, at_rest: bool) {
        self.closing.close(stage);
        self.closed.insert(stage, Closed { event: self.events, at_rest });
        for rule in self.watches.closed(stage) {
            self.met(rule);
        }
    }
}
