//! Why a rule has not fired.

use super::Machine;
use crate::dag::groups::{Count, Group, Wait};
use crate::dag::id::{NodeId, RuleId, StageId};
use crate::dag::kind::NodeState;
use crate::dag::rule::{Condition, Each, Unfired};

impl Machine {
    /// What a rule still waits for, or why it cannot fire; empty for a rule that fired or failed.
    pub fn unfired(&self, rule: RuleId) -> Vec<Unfired> {
        let Some(record) = self.rules.get(rule) else { return Vec::new() };
        if record.fired > 0 || !record.failed.is_empty() {
            return Vec::new();
        }
        if let Some(condition) = &record.dead {
            return vec![self.reason(condition)];
        }
        let open = record.spec.conditions.iter().filter(|condition| self.holds(condition) != Some(true));
        let mut reasons: Vec<Unfired> = open.map(|condition| self.reason(condition)).collect();
        let found_none = |stage: StageId, wanted| Unfired::NoNode { stage: self.graph.stage_info(stage).name, wanted };
        match record.spec.each {
            Each::Succeeded(stage) if record.held.is_empty() => reasons.push(found_none(stage, "succeeded")),
            Each::Failed(stage) if record.held.is_empty() => reasons.push(found_none(stage, "failed")),
            Each::Under(stage) if self.groups.of(stage).next().is_none() => {
                reasons.push(found_none(stage, "was added"));
            }
            Each::Under(stage) => reasons.extend(self.below_reason(rule, stage)),
            _ => {}
        }
        if record.spec.predicate && !record.predicate_held {
            reasons.push(Unfired::Predicate);
        }
        reasons
    }

    /// What a rule that never fired waited for below the nodes of `stage`.
    fn below_reason(&self, rule: RuleId, stage: StageId) -> Option<Unfired> {
        let wait = |group: &&Group| group.waiting.iter().find(|(own, _)| *own == rule).map(|(_, wait)| *wait);
        let mut lost = self.groups.of(stage).map(|(_, group)| group).filter(|group| wait(group) == Some(Wait::Over));
        let first = lost.next()?;
        let failed = |(at, count): (usize, &Count)| self.groups.watched(first, at).filter(|_| count.failed > 0);
        let stage = first.counts.iter().enumerate().find_map(failed)?;
        let (stage, node) = (self.graph.stage_info(stage).name, self.graph.name(first.node));
        Some(Unfired::Below { stage, node, others: lost.count() })
    }

    fn reason(&self, condition: &Condition) -> Unfired {
        let name = |stage: &StageId| self.graph.stage_info(*stage).name;
        let count = |stage: &StageId, done, found, wanted| Unfired::Count { stage: name(stage), done, found, wanted };
        match condition {
            Condition::Done(node) => self.end_reason(*node, "succeed"),
            Condition::Failed(node) => self.end_reason(*node, "fail"),
            Condition::Settled(node) => self.end_reason(*node, "end"),
            Condition::Count(stage, wanted) => count(stage, false, self.graph.nodes_of(*stage).len(), *wanted),
            Condition::CountDone(stage, wanted) => count(stage, true, self.graph.succeeded_of(*stage), *wanted),
            Condition::Named(wanted) => Unfired::Unnamed(wanted.clone()),
            Condition::Closed(stage) => Unfired::Open { stage: name(stage) },
        }
    }

    fn end_reason(&self, node: NodeId, wanted: &'static str) -> Unfired {
        let was = match self.graph.state(node) {
            Some(NodeState::Skipped) => "was skipped".to_owned(),
            Some(NodeState::Waiting | NodeState::Ready) => "has not run".to_owned(),
            Some(NodeState::Running) => "is still running".to_owned(),
            Some(state) => state.to_string(),
            None => "does not exist".to_owned(),
        };
        Unfired::Dead { node: self.graph.name(node), wanted, was }
    }

    /// Whether a condition holds: `Some(false)` when it never can.
    pub(super) fn holds(&self, condition: &Condition) -> Option<bool> {
        let settled = |node: &NodeId, good: fn(NodeState) -> bool| {
            let state = self.graph.state(*node)?;
            state.is_settled().then(|| good(state))
        };
        match condition {
            Condition::Done(node) => settled(node, |state| state == NodeState::Succeeded),
            Condition::Failed(node) => settled(node, |state| state == NodeState::Failed),
            Condition::Settled(node) => settled(node, |_| true),
            Condition::Count(stage, wanted) => (self.graph.nodes_of(*stage).len() >= *wanted).then_some(true),
            Condition::CountDone(stage, wanted) => (self.graph.succeeded_of(*stage) >= *wanted).then_some(true),
            Condition::Named(name) => (!self.graph.named(name).is_empty()).then_some(true),
            Condition::Closed(stage) => self.is_closed(*stage).then_some(true),
        }
    }
}
