//! The state of a run as far as a tracker has received its events.
//!
//! The immutable properties of a node, its stage and its name, are read from the machine once; the others are derived
//! from the events. When events were dropped, all of them are read again.

use crate::dag::{BriefEvent, Counts, Graph, Machine, NodeId, NodeState, RuleId, StageId, Time};
use std::collections::HashMap;
use std::sync::Arc;

/// The nodes, stages and rules of a run, with names, states and times, as far as a tracker has received its events.
///
/// There is no event for a node that becomes ready, so such a node is shown as waiting until it runs.
pub struct RunSnapshot {
    workflow: Arc<str>,
    /// All nodes that have been read from the machine.
    nodes: Vec<Record>,
    looked_up: usize,
    /// The nodes that have been read but have no record yet.
    fresh: Vec<(NodeId, StageId)>,
    /// The number of nodes that the tracker has been notified of.
    told: usize,
    labels: HashMap<NodeId, Given>,
    stages: Vec<OfStage>,
    rules: Vec<String>,
}

#[derive(Clone, Copy)]
struct Record {
    stage: StageId,
    state: NodeState,
    started: Time,
    ended: Time,
}

impl Record {
    const NONE: Self =
        Self { stage: StageId::NONE, state: NodeState::Waiting, started: Time::NEVER, ended: Time::NEVER };
}

/// The name and key that the program gave a node.
struct Given {
    name: Option<String>,
    key: Option<String>,
}

#[derive(Default)]
struct OfStage {
    name: Option<&'static str>,
    /// How many of its nodes have been read.
    looked_up: usize,
    counts: Counts,
}

impl RunSnapshot {
    /// Returns the workflow's name.
    pub fn workflow(&self) -> &str {
        &self.workflow
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.told
    }

    /// Returns `true` if there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.told == 0
    }

    /// Returns all nodes, in the order in which they were added.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (0..self.told).map(NodeId::from_index)
    }

    /// Returns a node's name: the given one, or else its stage with its key or number.
    pub fn name(&self, node: NodeId) -> String {
        let stage = self.stage_name(node);
        match self.labels.get(&node) {
            Some(Given { name: Some(name), .. }) => name.clone(),
            Some(Given { key: Some(key), .. }) => format!("{stage}[{key}]"),
            _ => format!("{stage}#{node}"),
        }
    }

    /// Returns the name that the program gave a node, if it has one.
    pub fn given_name(&self, node: NodeId) -> Option<&str> {
        self.labels.get(&node)?.name.as_deref()
    }

    /// Returns the key of a node, if it has one.
    pub fn key(&self, node: NodeId) -> Option<&str> {
        self.labels.get(&node)?.key.as_deref()
    }

    /// Returns the stage of a node, or `None` if there is no such node.
    pub fn stage(&self, node: NodeId) -> Option<StageId> {
        self.nodes.get(node.index()).map(|record| record.stage)
    }

    /// Returns the name of a node's stage.
    pub fn stage_name(&self, node: NodeId) -> &'static str {
        self.stage(node).map_or("?", |stage| self.name_of_stage(stage))
    }

    /// Returns the state of a node, or `None` if there is no such node.
    pub fn state(&self, node: NodeId) -> Option<NodeState> {
        self.nodes.get(node.index()).map(|record| record.state)
    }

    /// Returns when a node started, or `None` if it did not.
    pub fn started(&self, node: NodeId) -> Option<Time> {
        self.nodes.get(node.index()).map(|record| record.started).filter(|at| *at != Time::NEVER)
    }

    /// Returns when a node ended or was skipped, or `None` if it has not.
    pub fn ended(&self, node: NodeId) -> Option<Time> {
        self.nodes.get(node.index()).map(|record| record.ended).filter(|at| *at != Time::NEVER)
    }

    /// Returns the stages of the nodes, in the order of their ids.
    pub fn stages(&self) -> impl Iterator<Item = StageId> {
        let met = self.stages.iter().enumerate().filter(|(_, stage)| stage.counts.known > 0);
        met.map(|(index, _)| StageId::from_index(index))
    }

    /// Returns the name of a stage.
    pub fn name_of_stage(&self, stage: StageId) -> &'static str {
        self.stages.get(stage.index()).and_then(|stage| stage.name).unwrap_or("?")
    }

    /// Returns the number of nodes of a stage, in total and by state.
    pub fn counts_of(&self, stage: StageId) -> Counts {
        self.stages.get(stage.index()).map(|stage| stage.counts).unwrap_or_default()
    }

    /// Returns the number of nodes, in total and by state.
    pub fn counts(&self) -> Counts {
        let mut all = Counts::default();
        self.stages.iter().for_each(|stage| all.add(&stage.counts));
        all
    }

    /// Returns the name of a rule.
    pub fn rule_name(&self, rule: RuleId) -> &str {
        self.rules.get(rule.index()).map_or("", String::as_str)
    }
}

impl RunSnapshot {
    pub(crate) fn new(workflow: Arc<str>) -> Self {
        let (nodes, fresh, stages, rules) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { workflow, nodes, looked_up: 0, fresh, told: 0, labels: HashMap::new(), stages, rules }
    }

    /// Reads nodes and rules that are not known yet, at most `most` of each. Returns `true` if there are more. The run
    /// is locked during this call, so the nodes get their records later, in [`Self::enter`].
    ///
    /// It reads the lists of the stages, which only grow, and not the records of the nodes: a worker's write to such a
    /// record is slow after another processor has read it.
    pub(crate) fn look_up(&mut self, machine: &Machine, most: usize) -> bool {
        let graph = machine.graph();
        for stage in graph.stages() {
            let of_stage = of(&mut self.stages, stage);
            of_stage.name.get_or_insert_with(|| graph.stage_info(stage).name);
            let room = most - self.fresh.len();
            for node in graph.nodes_of(stage).iter().skip(of_stage.looked_up).take(room) {
                self.fresh.push((*node, stage));
                let (name, key) = (graph.given_name(*node), graph.key(*node));
                if name.is_some() || key.is_some() {
                    self.labels.insert(*node, Given { name: name.map(str::to_owned), key: key.map(str::to_owned) });
                }
                of_stage.looked_up += 1;
            }
        }
        self.looked_up += self.fresh.len();
        let rules = self.rules.len()..machine.rules().min(self.rules.len() + most);
        self.rules.extend(rules.map(|rule| machine.rule_name(RuleId::from_index(rule)).to_owned()));
        self.looked_up < graph.len() || self.rules.len() < machine.rules()
    }

    /// Creates the records of the nodes that were read.
    pub(crate) fn enter(&mut self) {
        for (node, stage) in self.fresh.drain(..) {
            if self.nodes.len() <= node.index() {
                self.nodes.resize(node.index() + 1, Record::NONE);
            }
            self.nodes[node.index()].stage = stage;
        }
    }

    /// Counts the first `len` nodes as announced to the tracker.
    pub(crate) fn tell_of(&mut self, len: usize) {
        for record in self.nodes.iter().take(len).skip(self.told) {
            let counts = &mut of(&mut self.stages, record.stage).counts;
            counts.known += 1;
            *count(counts, record.state) += 1;
        }
        self.told = self.told.max(len.min(self.nodes.len()));
    }

    /// Applies an event. Returns `true` if it was not known before.
    #[inline]
    pub(crate) fn take_in(&mut self, happened: &BriefEvent) -> bool {
        match happened {
            BriefEvent::Started { node, at } => self.change(*node, NodeState::Running, *at),
            BriefEvent::Succeeded { node, at } => self.change(*node, NodeState::Succeeded, *at),
            BriefEvent::Failed { node, at, .. } => self.change(*node, NodeState::Failed, *at),
            BriefEvent::AttemptFailed { node, at, .. } => self.change(*node, NodeState::AwaitingRetry, *at),
            BriefEvent::RetryDue { node, at } => self.change(*node, NodeState::Ready, *at),
            BriefEvent::Skipped { node, at, .. } => self.change(*node, NodeState::Skipped, *at),
            BriefEvent::Cancelled { node, at, .. } => self.change(*node, NodeState::Cancelled, *at),
            BriefEvent::Added { additions: nodes, .. }
            | BriefEvent::Fired { additions: nodes, .. }
            | BriefEvent::Grown { additions: nodes, .. } => {
                self.tell_of(nodes.end());
                true
            }
            BriefEvent::Evaluated { .. }
            | BriefEvent::RuleFailed { .. }
            | BriefEvent::Closed { .. }
            | BriefEvent::CancelRequested { .. } => true,
            BriefEvent::RunStarted { .. } | BriefEvent::RunStopped { .. } | BriefEvent::RunEnded { .. } => false,
        }
    }

    #[inline]
    fn change(&mut self, node: NodeId, state: NodeState, at: Time) -> bool {
        let Some(record) = self.nodes.get_mut(node.index()) else { return false };
        let before = record.state;
        if before == state || before.is_settled() {
            return false;
        }
        record.state = state;
        match state {
            NodeState::Running => record.started = at,
            state if state.is_settled() => record.ended = at,
            _ => {}
        }
        let counts = &mut of(&mut self.stages, record.stage).counts;
        *count(counts, before) -= 1;
        *count(counts, state) += 1;
        true
    }

    /// Reads the states of nodes again, at most `most` of them, starting with the one at `from`. Returns where to
    /// continue.
    pub(crate) fn look_again(&mut self, graph: &Graph, from: usize, most: usize) -> Option<usize> {
        self.tell_of(self.nodes.len());
        let until = self.nodes.len().min(from + most);
        for node in (from..until).map(NodeId::from_index) {
            if let (Some(NodeState::Running), Some(at)) = (graph.state(node), graph.started(node)) {
                self.change(node, NodeState::Running, at);
            }
            if let (Some(state), Some(at)) = (graph.state(node), graph.ended(node)) {
                if let Some(started) = graph.started(node) {
                    self.change(node, NodeState::Running, started);
                }
                self.change(node, state, at);
            }
        }
        (until < self.nodes.len()).then_some(until)
    }
}

fn of(stages: &mut Vec<OfStage>, stage: StageId) -> &mut OfStage {
    if stages.len() <= stage.index() {
        stages.resize_with(stage.index() + 1, OfStage::default);
    }
    &mut stages[stage.index()]
}

/// There is no event for a node that becomes ready: ready nodes count as waiting.
fn count(counts: &mut Counts, state: NodeState) -> &mut usize {
    counts.in_state(if state == NodeState::Ready { NodeState::Waiting } else { state })
}
