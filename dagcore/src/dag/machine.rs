//! The state machine of a run: its state, and the queues of work that follow from it.
//!
//! [`Machine::apply`] is the only way to change the state of a run. The work that follows from an event is kept in
//! queues, which the engine drains in this order: [`Machine::consequence`] until it returns `None`; then
//! [`Machine::next_ask`] and [`Machine::next_due`], for user code to run; [`Machine::take_ready`], for nodes that can
//! start; and [`Machine::at_rest`] when nothing is left. No event scans the nodes or the rules.
//!
//! An entry of a queue is a hint: dequeuing it does not change the state of the run. A fresh machine that
//! [replays](Machine::replay) the recorded events of a run equals the machine that recorded them, and the run can
//! continue from there.

mod apply;
mod check;
mod queries;
mod queues;

use super::admission::start_order::StartOrder;
use super::admission::tolerance::Tolerated;
use super::base::errors::{Cause, NodeError, RuleError};
use super::base::growth_limits::GrowthLimits;
use super::base::ids::{NodeId, RuleId, StageId, Time};
use super::base::node_state::NodeState;
use super::base::stage_info::{Place, StageInfo};
use super::closing::groups::{Closed, Groups};
use super::closing::open_stages::Closing;
use super::closing::strata;
use super::event::Event;
use super::graph::Graph;
use super::graph::path_hashes::PathHashes;
use super::rules::output_readers::Reading;
use super::rules::rule_spec::Binding;
use super::rules::rule_table::{Phase, Rules};
use super::rules::subscriptions::Watches;
use apply::cancellation::Cancelling;
pub use check::refused::Refused;
use queues::critical_path::Lengths;
use queues::due_firings::Dues;
use queues::ready_nodes::ReadyNodes;
use std::collections::{HashMap, HashSet, VecDeque};

/// A rule whose body is to be run, with its binding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Due {
    /// The rule.
    pub rule: RuleId,
    /// The node of an `each` rule.
    pub binding: Binding,
}

/// The complete state of a run.
pub struct Machine {
    graph: Graph,
    rules: Rules,
    watches: Watches,
    closing: Closing,
    groups: Groups,
    reading: Reading,
    closed: HashMap<StageId, Closed>,
    ready: ReadyNodes,
    start_order: StartOrder,
    /// `true` if any priority is set, or the start order ranks nodes.
    is_ranked: bool,
    /// The remaining paths of nodes, where the start order uses them.
    lengths: Option<Box<Lengths>>,
    /// Nodes to be skipped, each with the failed node that is the cause.
    doomed: VecDeque<(NodeId, NodeId)>,
    /// Open nodes whose rule failed and whose failure is not yet emitted as an event; `orphans` holds all of them until
    /// they fail or are cancelled.
    orphaned: VecDeque<(NodeId, Cause)>,
    orphans: HashSet<NodeId>,
    /// The rules that feed open nodes.
    feeders: HashMap<NodeId, RuleId>,
    due: Dues,
    ask: Vec<RuleId>,
    /// The number of unsettled nodes.
    unsettled: usize,
    /// Firings returned by `next_due` that have neither fired nor failed yet.
    handed_out: Vec<Due>,
    /// The hashes of all paths, if they are folded.
    path_hashes: Option<Box<PathHashes>>,
    /// `true` while a recorded event is replayed.
    replays: bool,
    rule_errors: Vec<RuleError>,
    events: u64,
    started: bool,
    ended: Option<Time>,
    stopped: Option<String>,
    cancelling: Cancelling,
    /// `true` if anything was ever cancelled or retried. Most runs never do, and then `consequence` skips the checks
    /// for it.
    is_unusual: bool,
    growth_limits: GrowthLimits,
    /// `true` while the program may still append from outside.
    accepts_outside: bool,
    /// The failures that are tolerated.
    tolerated: Tolerated,
}

impl Machine {
    /// Creates the machine of a run without events. `describe` returns the properties of a stage.
    pub fn new(describe: fn(StageId) -> StageInfo) -> Self {
        Self {
            graph: Graph::new(describe),
            rules: Rules::default(),
            watches: Watches::default(),
            closing: Closing::default(),
            groups: Groups::default(),
            reading: Reading::default(),
            closed: HashMap::new(),
            ready: ReadyNodes::default(),
            start_order: StartOrder::default(),
            is_ranked: false,
            lengths: None,
            doomed: VecDeque::new(),
            orphaned: VecDeque::new(),
            orphans: HashSet::new(),
            feeders: HashMap::new(),
            due: Dues::default(),
            ask: Vec::new(),
            unsettled: 0,
            handed_out: Vec::new(),
            path_hashes: None,
            replays: false,
            rule_errors: Vec::new(),
            events: 0,
            started: false,
            ended: None,
            stopped: None,
            cancelling: Cancelling::default(),
            is_unusual: false,
            growth_limits: GrowthLimits::default(),
            accepts_outside: false,
            tolerated: Tolerated::new(),
        }
    }

    /// Sets the growth limits; see [`Self::growth_limit_reached`].
    pub fn with_growth_limits(mut self, growth_limits: GrowthLimits) -> Self {
        self.growth_limits = growth_limits;
        self
    }

    /// Sets the tolerated failures.
    pub(crate) fn tolerating(mut self, tolerated: Tolerated) -> Self {
        self.tolerated = tolerated;
        self
    }

    /// Folds the hash of every node's path when the node is inserted: see [`Self::path_hash`].
    #[must_use]
    pub fn with_path_hashes(mut self) -> Self {
        let mut hashes = PathHashes::default();
        hashes.extend(&self.graph, &self.rules);
        self.path_hashes = Some(Box::new(hashes));
        self
    }

    /// Returns the graph: nodes and edges.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Applies an event: checks it, changes the state, and enqueues the work that follows.
    ///
    /// # Errors
    ///
    /// Returns [`Refused`] if the event cannot have happened: for example an unknown node, a second end of a node, or a
    /// firing that adds undeclared nodes. The state is then unchanged.
    #[inline(always)]
    pub fn apply(&mut self, event: &Event) -> Result<(), Refused> {
        // Fast path: these two occur for every node that runs, and their only check is that the run has not ended and
        // that the node is in the right state.
        match event {
            Event::Started { node, at } if self.is_at(*node, NodeState::Ready) => self.start(*node, *at),
            Event::Succeeded { node, at } if self.is_at(*node, NodeState::Running) => self.succeed(*node, *at),
            _ => return self.apply_any(event),
        }
        self.events += 1;
        Ok(())
    }

    /// Applies a recorded event, whose firing this machine has not handed out. Equivalent to dequeuing everything that
    /// the recording machine had dequeued before, and then applying the event.
    ///
    /// # Errors
    ///
    /// As for [`Self::apply`]. The state is then unchanged.
    pub fn replay(&mut self, event: &Event) -> Result<(), Refused> {
        if let Event::Fired { rule, binding, .. } | Event::RuleFailed { rule, binding, .. } = *event {
            self.due.find(Due { rule, binding });
        }
        self.replays = true;
        let applied = self.apply(event);
        self.replays = false;
        applied
    }

    fn apply_any(&mut self, event: &Event) -> Result<(), Refused> {
        self.check(event)?;
        match event {
            Event::Added { additions, .. } => {
                self.add(additions, RuleId::NONE, None, None);
                self.recount();
            }
            Event::RunStarted { .. } => {
                self.started = true;
                self.ready.start();
            }
            Event::Started { node, at } => self.start(*node, *at),
            Event::Succeeded { node, at } => self.succeed(*node, *at),
            Event::Failed { node, error, at } => self.fail(*node, error, *at),
            Event::AttemptFailed { node, error, until, at } => self.fail_attempt(*node, error, *until, *at),
            Event::RetryDue { node, .. } => self.resume(*node),
            Event::Skipped { node, because, at } => self.skip(*node, *because, *at),
            Event::Cancelled { node, error, at } => self.cancel(*node, error, *at),
            Event::Evaluated { rule, held, reads, .. } => self.asked(*rule, *held, reads),
            Event::Fired { rule, binding, additions, .. } => self.fire(*rule, *binding, additions),
            Event::Grown { node, additions, .. } => self.grow(*node, additions),
            Event::RuleFailed { rule, binding, error, .. } => self.fail_rule(*rule, *binding, error),
            Event::Closed { stage, under: None, at_rest, .. } => self.close(*stage, *at_rest),
            Event::Closed { stage, under: Some(node), at_rest, .. } => self.close_below(*stage, *node, *at_rest),
            Event::CancelRequested { what, why, .. } => self.cancel_all(*what, why),
            Event::RunStopped { why, at } => {
                self.stopped = Some(why.clone());
                self.ended = Some(*at);
            }
            Event::RunEnded { at } => self.ended = Some(*at),
        }
        self.events += 1;
        Ok(())
    }

    /// Returns the next event that follows from previous events without user code; the caller applies it.
    #[must_use]
    #[inline]
    pub fn consequence(&mut self, at: Time) -> Option<Event> {
        let none = self.doomed.is_empty() && self.orphaned.is_empty() && !self.is_unusual;
        if none && !self.closing.has_candidates() && !self.groups.has_candidates() {
            return None;
        }
        self.next_consequence(at)
    }

    fn next_consequence(&mut self, at: Time) -> Option<Event> {
        if let Some(event) = self.next_cancelled(at) {
            return Some(event);
        }
        while let Some((node, because)) = self.doomed.pop_front() {
            if !self.graph.nodes[node.index()].state.is_settled() {
                return Some(Event::Skipped { node, because, at });
            }
        }
        while let Some((node, cause)) = self.orphaned.pop_front() {
            if !self.graph.nodes[node.index()].state.is_settled() {
                let stage = self.graph.stage_info(self.graph.nodes[node.index()].stage).name;
                let error = NodeError::new(self.graph.name(node), stage, cause);
                return Some(Event::Failed { node, error, at });
            }
        }
        if !self.started {
            return None;
        }
        if let Some((_, node)) = self.graph.attempts.next().filter(|(until, _)| *until <= at) {
            return Some(Event::RetryDue { node, at });
        }
        if let Some(stage) = self.closing.closable() {
            return Some(Event::Closed { stage, under: None, at_rest: false, at });
        }
        let (node, stage) = self.groups.closable()?;
        Some(Event::Closed { stage, under: Some(node), at_rest: false, at })
    }

    /// Returns a rule whose predicate is to be evaluated. The caller applies [`Event::Evaluated`] or [`Event::RuleFailed`].
    #[must_use]
    #[inline]
    pub fn next_ask(&mut self) -> Option<RuleId> {
        if self.is_cancelled() {
            self.ask.clear();
        }
        while let Some(rule) = self.ask.pop() {
            let record = &mut self.rules.records[rule.index()];
            record.to_ask = false;
            if record.phase == Phase::Armed && !record.predicate_held {
                return Some(rule);
            }
        }
        None
    }

    /// Returns a rule whose body is to be run. The caller applies [`Event::Fired`] or [`Event::RuleFailed`].
    #[must_use]
    pub fn next_due(&mut self) -> Option<Due> {
        let due = self.due.pop()?;
        self.handed_out.push(due);
        Some(due)
    }

    /// Returns `true` if a body is to be run or a predicate is to be evaluated.
    pub fn has_due(&self) -> bool {
        !self.due.is_empty() || (!self.ask.is_empty() && !self.is_cancelled())
    }

    /// Returns the next node that can start at `place`. The caller applies [`Event::Started`].
    #[must_use]
    #[inline]
    pub fn take_ready(&mut self, place: Place) -> Option<NodeId> {
        self.order_ready();
        self.ready.take(place, &mut self.graph)
    }

    /// Returns the node that [`Self::take_ready`] would return, if the order [is up to date](Self::order_ready).
    pub fn peek_ready(&self, place: Place) -> Option<NodeId> {
        self.ready.peek(place)
    }

    /// Returns the number of nodes that can start at `place`.
    pub fn ready(&self, place: Place) -> usize {
        self.ready.len(place)
    }

    /// Returns `true` if any node can start.
    #[inline]
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Returns the time at which the next retry delay ends: [`Self::consequence`] then returns an event.
    pub fn wakes(&self) -> Option<Time> {
        self.graph.attempts.next().map(|(until, _)| until)
    }

    /// Returns the events that follow when the run is quiescent: the lowest open stratum closes, or the run ends.
    /// Returns `None` if other events can still happen.
    #[must_use]
    #[inline]
    pub fn at_rest(&self, at: Time) -> Option<Vec<Event>> {
        if !self.is_idle() || self.ended.is_some() { None } else { Some(self.rest(at)) }
    }

    fn rest(&self, at: Time) -> Vec<Event> {
        let closing = strata::lowest_stratum(&self.rules, &self.closing, &self.groups);
        if closing.is_empty() || self.is_cancelled() {
            return vec![Event::RunEnded { at }];
        }
        closing.into_iter().map(|(stage, under)| Event::Closed { stage, under, at_rest: true, at }).collect()
    }

    /// Returns `true` if every node is settled, and no body or predicate is pending.
    fn is_idle(&self) -> bool {
        self.unsettled == 0 && self.handed_out.is_empty() && !self.has_due()
    }

    /// Returns the time at which the run ended.
    pub fn ended(&self) -> Option<Time> {
        self.ended
    }

    /// Returns `true` if the run has started.
    pub(super) fn has_started(&self) -> bool {
        self.started
    }

    /// Returns the rules and their state.
    pub(crate) fn registered(&self) -> &Rules {
        &self.rules
    }

    /// Returns the reason why the run was stopped before its end.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }
}
