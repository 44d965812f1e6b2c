//! Validates events: each is checked against the state before it changes anything.

use super::additions::By;
use super::refused::Refused;
use crate::dag::base::escaping::Name;
use crate::dag::base::ids::{NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::event::{CancelScope, Event};
use crate::dag::graph::additions::Additions;
use crate::dag::machine::{Due, Machine};
use crate::dag::rules::rule_spec::{Binding, Each};
use crate::dag::rules::rule_table::{Phase, RuleRecord};

impl Machine {
    pub(crate) fn check(&self, event: &Event) -> Result<(), Refused> {
        if self.ended.is_some() {
            return refuse("the run has ended");
        }
        match event {
            Event::Added { additions, .. } => self.check_additions(additions, By::Program),
            Event::RunStarted { .. } if self.started => refuse("the run has started already"),
            Event::RunStarted { .. } => Ok(()),
            Event::Started { node, .. } => self.check_state(*node, NodeState::Ready),
            Event::Succeeded { node, .. } => self.check_state(*node, NodeState::Running),
            Event::Failed { node, .. } if self.orphans.contains(node) => self.check_state(*node, NodeState::Waiting),
            Event::Failed { node, .. } => self.check_state(*node, NodeState::Running),
            Event::AttemptFailed { node, until, at, .. } => {
                if until < at {
                    return refuse_node(*node, "the pause ends before it begins".to_owned());
                }
                self.check_state(*node, NodeState::Running)
            }
            Event::RetryDue { node, at } => {
                self.check_state(*node, NodeState::AwaitingRetry)?;
                match self.graph.failed_attempts(*node).last() {
                    Some(last) if last.until <= *at => Ok(()),
                    _ => refuse_node(*node, "the pause is not over".to_owned()),
                }
            }
            Event::Cancelled { .. } if !self.started => refuse("the run has not started"),
            Event::Cancelled { node, .. } => match self.graph.state(*node) {
                Some(state) if state.is_settled() => {
                    refuse_node(*node, format!("node `{}` is {state} already", Name(&self.graph.name(*node))))
                }
                Some(_) => Ok(()),
                None => refuse_node(*node, format!("there is no node {node}")),
            },
            Event::Skipped { node, because, .. } => self.check_skip(*node, *because),
            Event::Evaluated { rule, .. } if self.may_be_asked(*rule) => Ok(()),
            Event::Evaluated { rule, .. } => refuse_rule(*rule, "the rule has no predicate to ask".to_owned()),
            Event::Fired { rule, binding, additions, .. } => {
                let record = self.check_due(*rule, *binding)?;
                self.check_additions(additions, By::Rule(record, self.parent_of_firing(*rule, *binding)))
            }
            Event::RuleFailed { rule, binding: None, .. } if self.may_be_asked(*rule) => Ok(()),
            Event::RuleFailed { rule, binding, .. } => self.check_due(*rule, *binding).map(drop),
            Event::Grown { node, additions, .. } => self.check_growth(*node, additions),
            Event::Closed { .. } if !self.started => refuse("the run has not started"),
            Event::Closed { at_rest: true, .. } if self.unsettled > 0 => refuse("the run is not at rest"),
            Event::Closed { stage, under: None, .. } if self.is_closed(*stage) => {
                refuse_stage(*stage, "the stage has closed already")
            }
            Event::Closed { at_rest: false, stage, under: None, .. } if self.closing.is_open(*stage) => {
                refuse_stage(*stage, "the stage is open")
            }
            Event::Closed { stage, under: Some(node), at_rest, .. } => self.check_close_below(*stage, *node, *at_rest),
            Event::Closed { .. } => Ok(()),
            Event::CancelRequested { .. } if !self.started => refuse("the run has not started"),
            Event::CancelRequested { what: CancelScope::SingleNode(node) | CancelScope::Subtree(node), .. }
                if !self.graph.contains(*node) =>
            {
                refuse_node(*node, format!("there is no node {node}"))
            }
            Event::CancelRequested { .. } => Ok(()),
            Event::RunStopped { .. } if self.started => Ok(()),
            Event::RunStopped { .. } => refuse("the run has not started"),
            Event::RunEnded { .. } if self.started && self.is_idle() => Ok(()),
            Event::RunEnded { .. } => refuse("something can still happen"),
        }
    }

    /// Returns `true` if the run has not ended and a node is in this state.
    #[inline]
    pub(crate) fn is_at(&self, node: NodeId, state: NodeState) -> bool {
        self.ended.is_none() && self.graph.state(node) == Some(state)
    }

    fn check_state(&self, node: NodeId, wanted: NodeState) -> Result<(), Refused> {
        match self.graph.state(node) {
            Some(state) if state == wanted => Ok(()),
            Some(state) => {
                refuse_node(node, format!("node `{}` is {state}, not {wanted}", Name(&self.graph.name(node))))
            }
            None => refuse_node(node, format!("there is no node {node}")),
        }
    }

    fn check_skip(&self, node: NodeId, because: NodeId) -> Result<(), Refused> {
        self.check_state(node, NodeState::Waiting)?;
        // The elements of a list count only when all of them have settled: the list is reported broken as a whole.
        let whole = !self.graph.nodes[node.index()].open || self.graph.nodes[node.index()].waiting == 0;
        let lost = |parent: NodeId| {
            self.graph.state(parent).is_some_and(NodeState::is_lost) && self.graph.culprit(parent) == because
        };
        let own = self.graph.own_parents(node).any(|edge| edge.need.is_success() && lost(edge.from));
        let element = || self.graph.gathered(node).is_some_and(|mut elements| elements.any(lost));
        if own || (whole && element()) {
            return Ok(());
        }
        refuse_node(
            node,
            format!("node `{}` needs nothing that failed because of {because}", Name(&self.graph.name(node))),
        )
    }

    fn may_be_asked(&self, rule: RuleId) -> bool {
        let record = self.rules.get(rule);
        record.is_some_and(|rule| rule.spec.predicate && !rule.predicate_held && rule.phase == Phase::Armed)
    }

    #[inline]
    fn check_due(&self, rule: RuleId, binding: Binding) -> Result<&RuleRecord, Refused> {
        let Some(record) = self.rules.get(rule) else { return refuse_rule(rule, format!("there is no rule {rule}")) };
        // A firing that was handed out stays due until it fires or fails, or until its rule can never fire again. So
        // each binding fires once, and only after `next_due` returned it, or would have returned it in a replay.
        let due = match record.spec.each {
            Each::Once => record.phase == Phase::Due,
            Each::Succeeded(_) | Each::Failed(_) | Each::Under(_) => record.phase == Phase::Armed,
        };
        let wanted = Due { rule, binding };
        let due = due && (self.handed_out.contains(&wanted) || (self.replays && self.due.is_found(wanted)));
        if due { Ok(record) } else { refuse_rule(rule, format!("rule `{}` is not due", Name(&record.spec.name))) }
    }

    /// Returns `true` if an `each` rule has found this node and not been applied to it, whether or not its other
    /// conditions hold.
    pub(crate) fn has_found(&self, rule: RuleId, record: &RuleRecord, node: NodeId, wanted: NodeState) -> bool {
        self.graph.state(node) == Some(wanted)
            && record.phase == Phase::Armed
            && !self.graph.firings_of(node).any(|(_, firing)| firing.rule == rule)
            && !self.rules.has_failed(rule, Some(node))
            && record.spec.within.is_none_or(|most| self.graph.times_along(rule, node) < most)
    }

    fn check_growth(&self, node: NodeId, additions: &Additions) -> Result<(), Refused> {
        self.check_state(node, NodeState::Running)?;
        self.check_additions(additions, By::Node(node))
    }

    fn check_close_below(&self, stage: StageId, node: NodeId, at_rest: bool) -> Result<(), Refused> {
        let id = self.group_of(Some(node));
        let group = self.groups.get(id).filter(|group| group.node == node);
        let Some((group, place)) = group.and_then(|group| Some((group, self.groups.place(group, stage)?))) else {
            return refuse_stage(stage, "nothing waits for the stage to close below this node");
        };
        if group.counts[place].closed.is_some() {
            return refuse_stage(stage, "the stage has closed already below this node");
        }
        if !at_rest && self.groups.is_open(id, stage) {
            return refuse_stage(stage, "the stage is open below this node");
        }
        Ok(())
    }
}

fn refuse(why: &str) -> Result<(), Refused> {
    Err(Refused::InvalidRun { why: why.to_owned() })
}

fn refuse_node(node: NodeId, why: String) -> Result<(), Refused> {
    Err(Refused::InvalidNode { node, why })
}

fn refuse_rule<T>(rule: RuleId, why: String) -> Result<T, Refused> {
    Err(Refused::InvalidRule { rule, why })
}

fn refuse_stage(stage: StageId, why: &str) -> Result<(), Refused> {
    Err(Refused::InvalidStage { stage, why: why.to_owned() })
}
