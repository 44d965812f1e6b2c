//! What is asked of attempts to run nodes, and when those that run have taken too long.

use crate::dag::{NodeId, StageId, Time};
use crate::port::AttemptPolicy;
use crate::registry;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// What is asked of attempts, and those that may take too long.
#[derive(Default)]
pub(crate) struct Attempts {
    /// What the workflow asks where nobody else does.
    general: AttemptPolicy,
    /// Whether a stage asks for anything, of those that have been looked up.
    stages: Vec<Option<bool>>,
    /// What calls ask.
    nodes: HashMap<NodeId, AttemptPolicy>,
    /// When nodes that run have taken too long.
    timers: BTreeSet<(Time, NodeId)>,
    running: HashMap<NodeId, Limit>,
    /// When all attempts at a node must have ended.
    deadlines: HashMap<NodeId, Time>,
    /// When the whole run must have ended, and how long it was given.
    of_run: Option<(Time, Duration)>,
    /// When those are cancelled that still run, of a run that is being cancelled.
    grace: Option<Time>,
}

/// When a node that runs has taken too long, and what is said then.
pub(crate) struct Limit {
    at: Time,
    pub(crate) after: Duration,
    pub(crate) deadline: bool,
}

impl Attempts {
    pub(crate) fn new(general: AttemptPolicy, of_run: Option<Duration>) -> Self {
        let of_run = of_run.map(|after| (Time::after(after), after));
        Self { general, of_run, ..Self::default() }
    }

    /// What calls ask.
    pub(crate) fn extend(&mut self, policies: &mut Vec<(NodeId, AttemptPolicy)>) {
        self.nodes.extend(policies.drain(..));
    }

    /// Whether anything is asked of a node; `None` when its stage has not been looked up.
    #[inline]
    pub(crate) fn asks(&self, node: NodeId, stage: StageId) -> Option<bool> {
        let asks = (*self.stages.get(stage.index())?)?;
        Some(asks || (!self.nodes.is_empty() && self.nodes.contains_key(&node)))
    }

    /// Looks up what a stage asks.
    pub(crate) fn look_up(&mut self, stage: StageId) {
        if self.stages.len() <= stage.index() {
            self.stages.resize(stage.index() + 1, None);
        }
        self.stages[stage.index()] = Some(!self.of_stage(stage).is_none());
    }

    pub(crate) fn policy(&self, node: NodeId, stage: StageId) -> AttemptPolicy {
        self.nodes.get(&node).copied().unwrap_or_default().or(self.of_stage(stage))
    }

    fn of_stage(&self, stage: StageId) -> AttemptPolicy {
        registry::spec(stage).map_or(self.general, |spec| spec.attempt_policy().or(self.general))
    }

    /// Nobody waits for this attempt any more.
    pub(crate) fn stop_timer(&mut self, node: NodeId) {
        if let Some(limit) = self.running.remove(&node) {
            self.timers.remove(&(limit.at, node));
        }
    }

    /// A node has ended for good.
    pub(crate) fn forget(&mut self, node: NodeId) {
        self.stop_timer(node);
        self.deadlines.remove(&node);
        self.nodes.remove(&node);
    }

    /// When the next one has taken too long.
    pub(crate) fn next(&self) -> Option<Time> {
        let timer = self.timers.first().map(|(at, _)| *at);
        let of_run = self.of_run.map(|(at, _)| at);
        [timer, of_run, self.grace].into_iter().flatten().min()
    }

    /// An attempt begins, of which this is asked.
    pub(crate) fn begin(&mut self, node: NodeId, policy: &AttemptPolicy, at: Time) {
        let timeout = policy.timeout.map(|after| Limit { at: at.later(after), after, deadline: false });
        let deadline = policy.deadline.map(|after| {
            let at = *self.deadlines.entry(node).or_insert_with(|| at.later(after));
            Limit { at, after, deadline: true }
        });
        if let Some(limit) = timeout.into_iter().chain(deadline).min_by_key(|limit| limit.at) {
            self.timers.insert((limit.at, node));
            self.running.insert(node, limit);
        }
    }

    /// The next attempt that has taken too long by now.
    pub(crate) fn too_long(&mut self, now: Time) -> Option<(NodeId, Limit)> {
        let (_, node) = self.timers.first().copied().filter(|(at, _)| *at <= now)?;
        self.timers.pop_first();
        self.running.remove(&node).map(|limit| (node, limit))
    }

    /// Whether another attempt may begin then.
    pub(crate) fn is_in_time(&self, node: NodeId, at: Time) -> bool {
        self.deadlines.get(&node).is_none_or(|deadline| at < *deadline)
    }

    /// Whether the whole run has taken too long by now, and how long it was given. It is told once.
    pub(crate) fn run_too_long(&mut self, now: Time) -> Option<Duration> {
        self.of_run.take_if(|(at, _)| *at <= now).map(|(_, after)| after)
    }

    /// What runs of a run that is being cancelled may go on for so long.
    pub(crate) fn begin_grace(&mut self, until: Time) {
        self.grace.get_or_insert(until);
    }

    /// Ends the time of grace.
    pub(crate) fn end_grace(&mut self) {
        self.grace = self.grace.map(|_| Time::START);
    }

    /// Whether the time of grace is over. It is told once.
    pub(crate) fn is_grace_over(&mut self, now: Time) -> bool {
        self.grace.take_if(|at| *at <= now).is_some()
    }
}
