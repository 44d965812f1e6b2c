//! Attempt policies, and the timers of running attempts, of the run's deadline and of the grace period.
//!
//! `state::retries` starts and stops the timers; the timekeeper (`drivers::timers`) sleeps until the next.

use crate::dag::{NodeId, StageId, Time};
use crate::port::AttemptPolicy;
use crate::registry;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// Attempt policies and timers of a run.
#[derive(Default)]
pub(crate) struct Attempts {
    /// The workflow's policy, where neither the call nor the stage sets one.
    general: AttemptPolicy,
    /// For each stage that has been looked up, whether it has a policy.
    stages: Vec<Option<bool>>,
    /// Policies set by calls.
    nodes: HashMap<NodeId, AttemptPolicy>,
    /// When running attempts time out.
    timers: BTreeSet<(Time, NodeId)>,
    running: HashMap<NodeId, Limit>,
    /// When all attempts at a node must have ended.
    deadlines: HashMap<NodeId, Time>,
    /// When the whole run must have ended, and the duration it was given.
    of_run: Option<(Time, Duration)>,
    /// When the nodes that still run are cancelled, in a run that is being cancelled.
    grace: Option<Time>,
}

/// When a running attempt times out, and how that is reported.
pub(crate) struct Limit {
    at: Time,
    pub(crate) after: Duration,
    pub(crate) deadline: bool,
}

impl Attempts {
    /// Creates the timers of a run from its policy and deadline.
    pub(crate) fn new(general: AttemptPolicy, of_run: Option<Duration>) -> Self {
        let of_run = of_run.map(|after| (Time::after(after), after));
        Self { general, of_run, ..Self::default() }
    }

    /// Adds policies set by calls.
    pub(crate) fn extend(&mut self, policies: &mut Vec<(NodeId, AttemptPolicy)>) {
        self.nodes.extend(policies.drain(..));
    }

    /// Returns whether a node has a policy; `None` if its stage has not been looked up.
    #[inline]
    pub(crate) fn asks(&self, node: NodeId, stage: StageId) -> Option<bool> {
        let asks = (*self.stages.get(stage.index())?)?;
        Some(asks || (!self.nodes.is_empty() && self.nodes.contains_key(&node)))
    }

    /// Looks up the policy of a stage.
    pub(crate) fn look_up(&mut self, stage: StageId) {
        if self.stages.len() <= stage.index() {
            self.stages.resize(stage.index() + 1, None);
        }
        self.stages[stage.index()] = Some(!self.of_stage(stage).is_none());
    }

    /// Returns the effective policy of a node: that of the call, then of the stage, then of the workflow.
    pub(crate) fn policy(&self, node: NodeId, stage: StageId) -> AttemptPolicy {
        self.nodes.get(&node).copied().unwrap_or_default().or(self.of_stage(stage))
    }

    fn of_stage(&self, stage: StageId) -> AttemptPolicy {
        registry::spec(stage).map_or(self.general, |spec| spec.attempt_policy().or(self.general))
    }

    /// Stops the timer of an attempt that has ended or is no longer wanted.
    pub(crate) fn stop_timer(&mut self, node: NodeId) {
        if let Some(limit) = self.running.remove(&node) {
            self.timers.remove(&(limit.at, node));
        }
    }

    /// Forgets a node that has ended for good.
    pub(crate) fn forget(&mut self, node: NodeId) {
        self.stop_timer(node);
        self.deadlines.remove(&node);
        self.nodes.remove(&node);
    }

    /// Returns the time of the next timeout.
    pub(crate) fn next(&self) -> Option<Time> {
        let timer = self.timers.first().map(|(at, _)| *at);
        let of_run = self.of_run.map(|(at, _)| at);
        [timer, of_run, self.grace].into_iter().flatten().min()
    }

    /// Starts the timer of an attempt with this policy.
    pub(crate) fn begin(&mut self, node: NodeId, policy: &AttemptPolicy, at: Time) {
        let timeout = policy.timeout.map(|after| Limit { at: at.later(after), after, deadline: false });
        let deadline = policy.deadline.map(|after| {
            // The deadline counts from the first attempt; later attempts share it.
            let at = *self.deadlines.entry(node).or_insert_with(|| at.later(after));
            Limit { at, after, deadline: true }
        });
        if let Some(limit) = timeout.into_iter().chain(deadline).min_by_key(|limit| limit.at) {
            self.timers.insert((limit.at, node));
            self.running.insert(node, limit);
        }
    }

    /// Removes and returns the next attempt that has timed out by now.
    pub(crate) fn too_long(&mut self, now: Time) -> Option<(NodeId, Limit)> {
        let (_, node) = self.timers.first().copied().filter(|(at, _)| *at <= now)?;
        self.timers.pop_first();
        self.running.remove(&node).map(|limit| (node, limit))
    }

    /// Returns `true` if an attempt at `at` would begin before the node's deadline.
    pub(crate) fn is_in_time(&self, node: NodeId, at: Time) -> bool {
        self.deadlines.get(&node).is_none_or(|deadline| at < *deadline)
    }

    /// Returns the duration that the run was given, if its deadline has passed. Reported once.
    pub(crate) fn run_too_long(&mut self, now: Time) -> Option<Duration> {
        self.of_run.take_if(|(at, _)| *at <= now).map(|(_, after)| after)
    }

    /// Starts the grace period, unless it has started.
    pub(crate) fn begin_grace(&mut self, until: Time) {
        self.grace.get_or_insert(until);
    }

    /// Ends the grace period at once.
    pub(crate) fn end_grace(&mut self) {
        self.grace = self.grace.map(|_| Time::START);
    }

    /// Returns `true` if the grace period is over. Reported once.
    pub(crate) fn is_grace_over(&mut self, now: Time) -> bool {
        self.grace.take_if(|at| *at <= now).is_some()
    }
}
