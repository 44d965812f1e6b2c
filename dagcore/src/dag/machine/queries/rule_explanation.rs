//! Explanations of rules: why a rule has not fired, and the nodes it has found.

use crate::dag::base::first_few::{Few, NodeNow};
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{NodeId, RuleId, StageId};
use crate::dag::base::node_state::NodeState;
use crate::dag::closing::groups::{Group, Wait};
use crate::dag::explain::explanation::{RuleExplanation, RuleState};
use crate::dag::explain::kept_open::KeptOpen;
use crate::dag::explain::unfired_rules::{ADDED, BelowNode, BelowWait, LastLook, StageNow, Unfired};
use crate::dag::machine::Machine;
use crate::dag::rules::predicate_reads::Reads;
use crate::dag::rules::rule_spec::{Below, Condition, Each};
use crate::dag::rules::rule_table::{Look, Phase, RuleRecord};
use std::collections::BTreeMap;

/// Maximum number of reads of a predicate that are kept, of each kind.
const REMEMBERED: usize = 5;

/// Cache of the sources of stages, for several rules that wait for one stage.
type Known = BTreeMap<StageId, KeptOpen>;

impl Machine {
    /// Returns the conditions that a rule still waits for, or why it cannot fire; empty for a rule that fired or
    /// failed.
    pub fn unfired(&self, rule: RuleId) -> Vec<Unfired> {
        let record = self.rules.get(rule).filter(|record| record.never_fired());
        record.map(|record| self.waits(rule, record, &mut Known::default())).unwrap_or_default()
    }

    /// Iterates over the rules that neither fired nor failed, each with the result of [`Self::unfired`].
    pub fn all_unfired(&self) -> impl Iterator<Item = (RuleId, Vec<Unfired>)> {
        let mut known = Known::default();
        let rules = self.rules.records.iter().enumerate().filter(|(_, record)| record.never_fired());
        rules.map(move |(index, record)| {
            let rule = RuleId::from_index(index);
            (rule, self.waits(rule, record, &mut known))
        })
    }

    /// Returns the pending conditions of a rule, the nodes it has found, and how often it has fired; `None` if there is
    /// no such rule. Visits all nodes that the rule may apply to, and all rules if it waits for a stage to close.
    pub fn explain_rule(&self, rule: RuleId) -> Option<RuleExplanation> {
        self.rules.get(rule).map(|record| self.explained(rule, record, &mut Known::default()))
    }

    /// Explains all rules of a name, in the order in which they were registered.
    pub fn explain_rules(&self, name: &str) -> Vec<RuleExplanation> {
        let mut known = Known::default();
        let records = self.rules.records.iter().enumerate();
        let named = records.filter(|(_, record)| *record.spec.name == *name);
        named.map(|(index, record)| self.explained(RuleId::from_index(index), record, &mut known)).collect()
    }

    fn explained(&self, rule: RuleId, record: &RuleRecord, known: &mut Known) -> RuleExplanation {
        let state = match record.phase {
            Phase::Armed => RuleState::Armed,
            Phase::Due => RuleState::Due,
            Phase::Spent => RuleState::Spent,
            Phase::Dead => RuleState::Dead,
        };
        let failures = self.rules.failures(rule).filter_map(|at| self.rule_errors.get(at));
        let each = match record.spec.each {
            Each::Succeeded(stage) | Each::Failed(stage) if state == RuleState::Armed => self.graph.nodes_of(stage),
            _ => &[],
        };
        let inside = |node: NodeId| record.spec.within.is_none_or(|most| self.graph.times_along(rule, node) < most);
        let coming = each.iter().filter(|node| !self.is_settled(**node) && inside(**node));
        RuleExplanation {
            rule: record.spec.name.to_string(),
            state,
            fired: record.fired,
            failures: Few::of(failures, Clone::clone),
            waits: self.waits(rule, record, known),
            found: Few::of(self.pending(rule, record), |node| self.graph.name(node)),
            coming: Few::of(coming, |node| self.now(*node)),
            held_back: self.held_back(rule),
            over: self.ended.is_some(),
        }
    }

    /// Returns the conditions of a rule that do not hold.
    fn waits(&self, rule: RuleId, record: &RuleRecord, known: &mut Known) -> Vec<Unfired> {
        let dead = record.dead.and_then(|place| self.rules.condition(rule, place));
        match (dead, record.phase) {
            (Some(condition), _) => return vec![self.reason(condition, known)],
            (None, Phase::Due) if self.ended.is_some() => return vec![Unfired::Stopped],
            (None, Phase::Due | Phase::Spent) => return Vec::new(),
            _ => {}
        }
        let open = record.spec.conditions.iter().filter(|condition| self.holds(condition) != Some(true));
        let mut reasons: Vec<Unfired> = open.map(|condition| self.reason(condition, known)).collect();
        let missing = match record.spec.each {
            Each::Once => None,
            Each::Succeeded(stage) => self.found_none(rule, record, stage, "succeeded"),
            Each::Failed(stage) => self.found_none(rule, record, stage, "failed"),
            Each::Under(stage) => self.waits_below(rule, record, stage),
        };
        reasons.extend(missing);
        if record.spec.predicate && !record.predicate_held {
            reasons.push(Unfired::Predicate { last: record.last_look.as_deref().map(|look| self.last_look(look)) });
        }
        let left = || self.ended.is_some() && self.pending(rule, record).next().is_some();
        if reasons.is_empty() && (self.is_cancelled() || left()) {
            reasons.push(Unfired::Stopped);
        }
        reasons
    }

    fn found_none(&self, rule: RuleId, record: &RuleRecord, stage: StageId, wanted: &'static str) -> Option<Unfired> {
        let never = record.never_fired() && self.pending(rule, record).next().is_none();
        never.then(|| Unfired::NoNode { stage: self.graph.stage_info(stage).name, wanted })
    }

    /// Iterates over the nodes that a rule has found and has not been applied to.
    pub(crate) fn pending(&self, rule: RuleId, record: &RuleRecord) -> impl Iterator<Item = NodeId> {
        let (stage, wanted) = match record.spec.each {
            Each::Once => (None, NodeState::Succeeded),
            Each::Succeeded(stage) | Each::Under(stage) => (Some(stage), NodeState::Succeeded),
            Each::Failed(stage) => (Some(stage), NodeState::Failed),
        };
        let below = matches!(record.spec.each, Each::Under(_));
        let nodes = stage.map_or(&[][..], |stage| self.graph.nodes_of(stage)).iter().copied();
        nodes.filter(move |node| match below {
            true => self.waiting_at(rule, *node).is_some_and(|(_, wait)| wait == Wait::Complete),
            false => {
                let bound = self.graph.nodes[node.index()].bindings > 0;
                bound && self.has_found(rule, record, *node, wanted)
            }
        })
    }

    fn reason(&self, condition: &Condition, known: &mut Known) -> Unfired {
        let name = |stage: &StageId| self.graph.stage_info(*stage).name;
        let count = |stage: &StageId, done, found, wanted| Unfired::Count { stage: name(stage), done, found, wanted };
        match condition {
            Condition::Done(node) => self.end_reason(*node, "succeed"),
            Condition::Failed(node) => self.end_reason(*node, "fail"),
            Condition::Settled(node) => self.end_reason(*node, "end"),
            Condition::Count(stage, wanted) => count(stage, false, self.graph.nodes_of(*stage).len(), *wanted),
            Condition::CountDone(stage, wanted) => count(stage, true, self.graph.succeeded_of(*stage), *wanted),
            Condition::Named(wanted) => Unfired::Unnamed(wanted.clone()),
            Condition::Closed(stage) => {
                let kept_open = known.entry(*stage).or_insert_with(|| self.kept_open(*stage, GroupId::NONE));
                Unfired::Open { stage: name(stage), kept_open: kept_open.clone() }
            }
        }
    }

    fn end_reason(&self, node: NodeId, wanted: &'static str) -> Unfired {
        let was = match self.graph.state(node) {
            Some(state) if !state.is_settled() => return Unfired::Unsettled { node: self.now(node), wanted },
            Some(state @ (NodeState::Skipped | NodeState::Cancelled)) => format!("was {state}"),
            Some(state) => state.to_string(),
            None => "does not exist".to_owned(),
        };
        Unfired::Dead { node: self.graph.name(node), wanted, was }
    }

    /// Returns the conditions that do not hold below the nodes of `stage`, for those that the rule still waits for and
    /// those that it lost.
    fn waits_below(&self, rule: RuleId, record: &RuleRecord, stage: StageId) -> Option<Unfired> {
        let nodes = self.graph.nodes_of(stage).iter();
        let waits = |node: &NodeId| {
            let (id, wait) = self.waiting_at(rule, *node)?;
            Some((id, self.groups.get(id)?, wait))
        };
        let mut groups = nodes.filter_map(waits).peekable();
        if groups.peek().is_none() {
            return Some(Unfired::NoNode { stage: self.graph.stage_info(stage).name, wanted: ADDED });
        }
        let fired = |node: NodeId| self.graph.firings_of(node).any(|(_, firing)| firing.rule == rule);
        let lacking = groups.filter(|(_, group, wait)| match wait {
            Wait::For(_) => true,
            Wait::Complete => false,
            Wait::Over => !fired(group.node) && !self.rules.has_failed(rule, Some(group.node)),
        });
        let told = |(id, group, _): (GroupId, &Group, Wait)| {
            let waits =
                record.spec.under.iter().filter_map(|(stage, below)| self.wait_below(id, group, *stage, *below));
            BelowNode::new(self.graph.name(group.node), waits.collect())
        };
        Some(Few::of(lacking, told)).filter(|nodes| !nodes.is_empty()).map(|nodes| Unfired::Below { nodes })
    }

    fn wait_below(&self, id: GroupId, group: &Group, stage: StageId, below: Below) -> Option<BelowWait> {
        let count = group.counts.get(self.groups.place(group, stage)?)?;
        let name = self.graph.stage_info(stage).name;
        let nodes = |wanted: fn(NodeState) -> bool| {
            let inside = self.below(group.node, stage).into_iter();
            Few::of(inside.filter(|node| self.graph.state(*node).is_some_and(wanted)), |node| self.now(node))
        };
        if below == Below::Done && count.failed > 0 {
            let nodes = nodes(|state| state.is_settled() && state != NodeState::Succeeded);
            Some(BelowWait::Lost { stage: name, nodes })
        } else if count.closed.is_none() {
            Some(BelowWait::Open { stage: name, kept_open: self.kept_open(stage, id) })
        } else if below != Below::Closed && count.unsettled > 0 {
            Some(BelowWait::Unsettled { stage: name, nodes: nodes(|state| !state.is_settled()) })
        } else {
            None
        }
    }

    /// Summarizes the reads of a predicate, for later explanations.
    pub(crate) fn look(&self, reads: &Reads) -> Look {
        let mut look = Look { all: reads.all.then(|| self.graph.len()), ..Look::default() };
        let mut more = false;
        for node in &reads.nodes {
            let Some(state) = self.graph.state(*node) else { continue };
            more |= !remember(&mut look.nodes, |known| known.0 == *node, || (*node, state));
        }
        for stage in &reads.stages {
            let now = || (*stage, self.graph.nodes_of(*stage).len(), self.graph.succeeded_of(*stage));
            more |= !remember(&mut look.stages, |known| known.0 == *stage, now);
        }
        for name in &reads.names {
            let now = || (name.clone(), !self.graph.named(name).is_empty());
            more |= !remember(&mut look.names, |known| known.0 == *name, now);
        }
        look.more = more;
        look
    }

    fn last_look(&self, look: &Look) -> LastLook {
        let node = |(node, state): &(NodeId, NodeState)| NodeNow::new(self.graph.name(*node), *state);
        let stage = |(stage, nodes, succeeded): &(StageId, usize, usize)| {
            StageNow::new(self.graph.stage_info(*stage).name, *nodes, *succeeded)
        };
        LastLook {
            nodes: look.nodes.iter().map(node).collect(),
            stages: look.stages.iter().map(stage).collect(),
            names: look.names.clone(),
            all: look.all,
            more: look.more,
        }
    }

    /// Returns a node with its current state.
    pub(crate) fn now(&self, node: NodeId) -> NodeNow {
        NodeNow::new(self.graph.name(node), self.graph.nodes[node.index()].state)
    }

    pub(crate) fn is_settled(&self, node: NodeId) -> bool {
        self.graph.nodes[node.index()].state.is_settled()
    }

    /// Returns whether a condition holds: `None` if it does not hold yet, `Some(false)` if it never can.
    pub(crate) fn holds(&self, condition: &Condition) -> Option<bool> {
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

/// Adds one item unless it is known. Returns `false` if there was no room for it.
fn remember<T>(list: &mut Vec<T>, is_known: impl Fn(&T) -> bool, now: impl FnOnce() -> T) -> bool {
    if list.iter().any(is_known) {
        return true;
    }
    let room = list.len() < REMEMBERED;
    if room {
        list.push(now());
    }
    room
}
