//! What is known of a run, as far as a tracker has been told.
//!
//! What never changes of a node, its stage and its name, is looked up in the machine once; what changes follows from the
//! events. When events were dropped, all of it is looked up again.

use crate::dag::{BriefEvent as Happened, Counts, Graph, Machine, NodeId, NodeState, RuleId, StageId, Time};
use std::collections::HashMap;
use std::sync::Arc;

/// The nodes, stages and rules of a run, as far as a tracker has been told: names, states and times.
///
/// Nobody is told when a node becomes ready, so here it waits until it runs.
pub struct Known {
    workflow: Arc<str>,
    /// All nodes that have been looked up.
    nodes: Vec<Record>,
    looked_up: usize,
    /// Those of them that have no record yet.
    fresh: Vec<(NodeId, StageId)>,
    /// So many of them have been told of.
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

/// What the program calls a node.
struct Given {
    name: Option<String>,
    key: Option<String>,
}

#[derive(Default)]
struct OfStage {
    name: Option<&'static str>,
    /// So many of its nodes have been looked up.
    looked_up: usize,
    counts: Counts,
}

impl Known {
    /// The workflow's name.
    pub fn workflow(&self) -> &str {
        &self.workflow
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.told
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.told == 0
    }

    /// All nodes, in the order in which they were added.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (0..self.told).map(NodeId::from_index)
    }

    /// A node's name: the given one, else its stage with its key or number.
    pub fn name(&self, node: NodeId) -> String {
        let stage = self.stage_name(node);
        match self.labels.get(&node) {
            Some(Given { name: Some(name), .. }) => name.clone(),
            Some(Given { key: Some(key), .. }) => format!("{stage}[{key}]"),
            _ => format!("{stage}#{node}"),
        }
    }

    /// The name that the program gave a node, if it gave one.
    pub fn given_name(&self, node: NodeId) -> Option<&str> {
        self.labels.get(&node)?.name.as_deref()
    }

    /// The key of a node, if it has one.
    pub fn key(&self, node: NodeId) -> Option<&str> {
        self.labels.get(&node)?.key.as_deref()
    }

    /// The stage of a node; `None` when there is no such node.
    pub fn stage(&self, node: NodeId) -> Option<StageId> {
        self.nodes.get(node.index()).map(|record| record.stage)
    }

    /// The name of a node's stage.
    pub fn stage_name(&self, node: NodeId) -> &'static str {
        self.stage(node).map_or("?", |stage| self.name_of_stage(stage))
    }

    /// What a node is doing; `None` when there is no such node.
    pub fn state(&self, node: NodeId) -> Option<NodeState> {
        self.nodes.get(node.index()).map(|record| record.state)
    }

    /// When a node began to run; `None` when it did not.
    pub fn started(&self, node: NodeId) -> Option<Time> {
        self.nodes.get(node.index()).map(|record| record.started).filter(|at| *at != Time::NEVER)
    }

    /// When a node ended or was skipped.
    pub fn ended(&self, node: NodeId) -> Option<Time> {
        self.nodes.get(node.index()).map(|record| record.ended).filter(|at| *at != Time::NEVER)
    }

    /// The stages of the nodes, in the order of their ids.
    pub fn stages(&self) -> impl Iterator<Item = StageId> {
        let met = self.stages.iter().enumerate().filter(|(_, stage)| stage.counts.known > 0);
        met.map(|(index, _)| StageId::from_index(index))
    }

    /// The name of a stage.
    pub fn name_of_stage(&self, stage: StageId) -> &'static str {
        self.stages.get(stage.index()).and_then(|stage| stage.name).unwrap_or("?")
    }

    /// How many nodes of a stage there are, and what they are doing.
    pub fn counts_of(&self, stage: StageId) -> Counts {
        self.stages.get(stage.index()).map(|stage| stage.counts).unwrap_or_default()
    }

    /// How many nodes there are, and what they are doing.
    pub fn counts(&self) -> Counts {
        let mut all = Counts::default();
        self.stages.iter().for_each(|stage| all.add(&stage.counts));
        all
    }

    /// The name of a rule.
    pub fn rule_name(&self, rule: RuleId) -> &str {
        self.rules.get(rule.index()).map_or("", String::as_str)
    }
}

impl Known {
    pub(crate) fn new(workflow: Arc<str>) -> Self {
        let (nodes, fresh, stages, rules) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { workflow, nodes, looked_up: 0, fresh, told: 0, labels: HashMap::new(), stages, rules }
    }

    /// Looks up nodes and rules that are not known yet, `most` of each at the most. Whether there are more. As the run
    /// stands still meanwhile, the nodes get their records later, by [`Self::enter`].
    ///
    /// It reads the lists of the stages, which only grow, and not the records of the nodes: to write these again is
    /// slow for a worker after another processor has read them.
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

    /// Gives the nodes that were looked up their records.
    pub(crate) fn enter(&mut self) {
        for (node, stage) in self.fresh.drain(..) {
            if self.nodes.len() <= node.index() {
                self.nodes.resize(node.index() + 1, Record::NONE);
            }
            self.nodes[node.index()].stage = stage;
        }
    }

    /// The first `len` nodes have been told of, and their stages.
    pub(crate) fn tell_of(&mut self, len: usize) {
        for record in self.nodes.iter().take(len).skip(self.told) {
            let counts = &mut of(&mut self.stages, record.stage).counts;
            counts.known += 1;
            *count(counts, record.state) += 1;
        }
        self.told = self.told.max(len.min(self.nodes.len()));
    }

    /// Takes in what happened. Whether it was not known before.
    #[inline]
    pub(crate) fn take_in(&mut self, happened: &Happened) -> bool {
        match happened {
            Happened::Started { node, at } => self.change(*node, NodeState::Running, *at),
            Happened::Succeeded { node, at } => self.change(*node, NodeState::Succeeded, *at),
            Happened::Failed { node, at, .. } => self.change(*node, NodeState::Failed, *at),
            Happened::AttemptFailed { node, at, .. } => self.change(*node, NodeState::AwaitingRetry, *at),
            Happened::PauseOver { node, at } => self.change(*node, NodeState::Ready, *at),
            Happened::Skipped { node, at, .. } => self.change(*node, NodeState::Skipped, *at),
            Happened::Cancelled { node, at, .. } => self.change(*node, NodeState::Cancelled, *at),
            Happened::Added { additions: nodes, .. }
            | Happened::Fired { additions: nodes, .. }
            | Happened::Grown { additions: nodes, .. } => {
                self.tell_of(nodes.end());
                true
            }
            Happened::Asked { .. }
            | Happened::RuleFailed { .. }
            | Happened::Closed { .. }
            | Happened::CancelAsked { .. } => true,
            Happened::RunStarted { .. } | Happened::RunStopped { .. } | Happened::RunEnded { .. } => false,
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

    /// Looks up again what became of nodes, `most` of them beginning with the one at `from`. Where to go on.
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

/// Nobody is told when a node becomes ready.
fn count(counts: &mut Counts, state: NodeState) -> &mut usize {
    counts.in_state(if state == NodeState::Ready { NodeState::Waiting } else { state })
}
