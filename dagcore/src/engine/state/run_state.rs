//! The state that the workers share, behind one lock: the machine, the outputs, and the functions to be run.
//!
//! This file also holds the hot path of an ending node ([`State::hand_in`]) and the evaluation of predicates
//! ([`State::follow`]). All methods are called with the lock held.

use super::admission::approval_gate::Gate;
use super::admission::attempt_timers::Attempts;
use super::admission::fail_fast::Judge;
use super::admission::permits::Resources;
use super::observers::event_streams::Feed;
use super::observers::tracker_queues::Told;
use crate::dag::{
    Cause, Event, KnownRules, Machine, NodeId, NodeState, Outputs, RuleError, RuleId, StageId, StartOrder, Time,
    quietly,
};
use crate::engine::parts::after_unlock::Later;
use crate::engine::parts::cancel_signal::LetGo;
use crate::engine::parts::stage_durations::Busy;
use crate::engine::parts::start_barrier::StartBarrier;
use crate::engine::parts::worker_pool::Crew;
use crate::engine::parts::worker_queue::{Finished, Parked};
use crate::port::{Job, Needs, StageResult};
use crate::typed::{Batch, RuleBody, TagId, View};
use std::any::TypeId;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot::Sender;

/// The state of a run.
pub(crate) struct State {
    pub(crate) machine: Machine,
    pub(crate) outputs: Outputs,
    pub(crate) jobs: Vec<Option<Box<dyn Job>>>,
    pub(crate) bodies: Vec<Option<Box<dyn RuleBody>>>,
    /// The named rules that fire for each node of a stage, by the types of their items.
    pub(crate) items: HashSet<TypeId>,
    pub(crate) laws: KnownRules,
    /// The memory of the last body's additions, reused for the next.
    pub(crate) batch: Option<Box<Batch>>,
    /// `true` while a body runs. Bodies run one at a time, so that the ids of new nodes are known before they are
    /// committed.
    pub(crate) growing: bool,
    /// Why the additions of running nodes were refused, by attempt. Such an attempt fails when its function returns.
    pub(crate) spoiled: HashMap<(NodeId, u32), String>,
    /// The workers, by lane.
    pub(crate) crews: [Crew; 3],
    /// `true` while a recheck for unclaimed nodes is scheduled.
    pub(crate) looking: bool,
    /// Number of nodes that were taken and whose results have not been reported.
    pub(crate) taken: usize,
    /// Maximum of `taken`.
    pub(crate) limit: usize,
    /// Steps awaiting approval, in runs with a decider and stepwise runs.
    pub(crate) gate: Option<Gate>,
    /// The saved `limit` while the run is on hold.
    pub(crate) held: Option<usize>,
    /// Recent average of how long a node of each stage occupies its worker, in nanoseconds.
    pub(crate) busy: Busy,
    /// Nodes whose futures wait in tasks of their own. Dropping the sender makes the task drop its future.
    pub(crate) parked: HashMap<NodeId, Sender<()>>,
    pub(crate) attempts: Attempts,
    pub(crate) judge: Judge,
    pub(crate) resources: Resources,
    /// Resource needs of stages that the workflow sets.
    pub(crate) needs: BTreeMap<StageId, Needs>,
    /// `true` if the end of a node may need more than the hot path: attempts that may be retried, or whose results
    /// are no longer wanted. Never reset.
    pub(crate) careful: bool,
    /// The time of the timekeeper's next wake-up; `None` when there is no timekeeper.
    pub(crate) timekeeper: Option<Time>,
    /// How long running nodes may continue after the run is cancelled.
    pub(crate) grace: Duration,
    pub(crate) let_go: Arc<LetGo>,
    pub(crate) barrier: Arc<StartBarrier>,
    /// The time of the latest event. A start is never earlier than this, so no node starts before its dependencies
    /// ended, whichever thread read the clock first; an end keeps its measured time.
    pub(crate) latest: Time,
    /// Wake-ups and drops that are deferred until the lock is released.
    pub(crate) later: Later,
    /// `true` once the run has ended or was given up. From then on the report may take the machine away.
    pub(crate) stopped: bool,
    /// `true` if a tracker or an event stream receives events.
    pub(crate) is_tracked: bool,
    /// The event streams of the run's handle.
    pub(crate) feeds: Vec<Arc<Feed>>,
    /// The queues of the trackers.
    pub(crate) told: Option<Box<Told>>,
}

impl State {
    pub(crate) fn new(machine: Machine, crews: [Crew; 3], limit: usize) -> Self {
        Self {
            machine,
            outputs: Outputs::default(),
            jobs: Vec::new(),
            bodies: Vec::new(),
            items: HashSet::new(),
            laws: KnownRules::default(),
            batch: None,
            growing: false,
            spoiled: HashMap::new(),
            crews,
            looking: false,
            taken: 0,
            limit,
            gate: None,
            held: None,
            busy: Busy::default(),
            parked: HashMap::new(),
            attempts: Attempts::default(),
            judge: Judge::default(),
            resources: Resources::default(),
            needs: BTreeMap::new(),
            careful: false,
            timekeeper: None,
            grace: Duration::ZERO,
            let_go: Arc::default(),
            barrier: Arc::default(),
            latest: Time::START,
            later: Later::default(),
            stopped: false,
            is_tracked: false,
            feeds: Vec::new(),
            told: None,
        }
    }

    /// Reports finished nodes and empties `finished`. Their results are dropped if the run is over.
    #[inline]
    pub(crate) fn hand_in(&mut self, finished: &mut Vec<Finished>) {
        if self.stopped {
            return finished.drain(..).for_each(|finished| self.later.drop_output(finished.result));
        }
        if self.is_tracked {
            return self.hand_in_watched(finished);
        }
        for finished in finished.drain(..) {
            self.end::<false>(finished);
        }
    }

    /// The loop with observers, compiled apart: runs without observers check `is_tracked` once per batch.
    #[cold]
    #[inline(never)]
    fn hand_in_watched(&mut self, finished: &mut Vec<Finished>) {
        finished.drain(..).for_each(|finished| self.end::<true>(finished));
    }

    /// Reports the end of one node.
    #[inline]
    fn end<const WATCHES: bool>(&mut self, finished: Finished) {
        if self.careful {
            return self.end_carefully(finished);
        }
        let Finished { node, stage, started, ended, attempt, announced, in_place, result } = finished;
        self.taken -= 1;
        self.latest = self.latest.max(ended);
        self.announce_as::<WATCHES>(node, started, announced);
        self.leave_worker(node, stage, ended.nanos_since(started), in_place);
        match result {
            Ok(value) if self.spoiled.is_empty() => {
                self.outputs.set(node, value);
                self.commit_plain::<WATCHES>(Event::Succeeded { node, at: ended });
            }
            result => {
                let spoiled = self.spoiled.remove(&(node, attempt));
                self.end_otherwise(node, stage, ended, result, spoiled)
            }
        }
    }

    /// Reports the end of one node when its attempt may be retried or stray.
    #[inline(never)]
    fn end_carefully(&mut self, finished: Finished) {
        let Finished { node, stage, started, ended, attempt, announced, in_place, result } = finished;
        self.taken -= 1;
        // Permits are returned even if the attempt is stray: it held them until its function returned.
        self.give_back(node, ended);
        let spoiled = self.spoiled.remove(&(node, attempt));
        if self.is_stray(node, attempt) {
            return self.later.drop_output(result);
        }
        self.announce(node, started, announced);
        self.leave_worker(node, stage, ended.nanos_since(started), in_place);
        // A recalled node is recorded as started at the time of the recall, which may be after its function returned.
        let ended = ended.max(self.machine.graph().started(node).unwrap_or(ended));
        self.end_otherwise(node, stage, ended, result, spoiled);
    }

    /// Records how long an attempt occupied its worker, unless it waited in a task of its own.
    #[inline(always)]
    fn leave_worker(&mut self, node: NodeId, stage: StageId, nanos: u64, in_place: bool) {
        if in_place {
            self.busy.note(stage, nanos);
        } else {
            self.parked.remove(&node);
        }
    }

    /// Reports a failure, or a success outside of the hot path.
    #[cold]
    fn end_otherwise(&mut self, node: NodeId, stage: StageId, at: Time, result: StageResult, spoiled: Option<String>) {
        let result = match spoiled {
            Some(why) => {
                self.later.drop_output(result);
                Err(Box::new(Cause::Refused(why.into())))
            }
            None => result,
        };
        match result {
            Ok(value) => {
                self.end_attempts(node);
                self.outputs.set(node, value);
                self.commit(&Event::Succeeded { node, at });
            }
            Err(cause) => self.fail(node, stage, *cause, at),
        }
    }

    /// Registers nodes that went into tasks of their own, and empties `parked`.
    pub(crate) fn hand_in_parked(&mut self, parked: &mut Vec<Parked>) {
        for Parked { node, started, attempt, announced, stop } in parked.drain(..) {
            if self.stopped || (self.careful && self.is_stray(node, attempt)) {
                self.later.stop(stop);
                continue;
            }
            // The task may have ended, and another worker may have reported it, before this one got here.
            if self.machine.graph().state(node).is_some_and(|state| !state.is_settled()) {
                self.announce(node, started, announced);
                self.parked.insert(node, stop);
            }
        }
    }

    /// Records the start of a node, unless that was done when it was taken. Workers that take several nodes record
    /// their starts late, to save critical sections.
    #[inline]
    pub(crate) fn announce(&mut self, node: NodeId, started: Time, announced: bool) {
        self.latest = self.latest.max(started);
        self.announce_as::<true>(node, started, announced);
    }

    #[inline]
    fn announce_as<const WATCHES: bool>(&mut self, node: NodeId, started: Time, announced: bool) {
        // A recall may have recorded the start meanwhile; then the node is no longer `Ready`.
        if !announced && self.machine.graph().state(node) == Some(NodeState::Ready) {
            self.commit_plain::<WATCHES>(Event::Started { node, at: started });
        }
    }

    /// Commits all consequences that need no node or body: skipped nodes, closed stages, evaluated predicates.
    #[inline(always)]
    pub(crate) fn follow(&mut self, tag: TagId, at: Time) {
        let at = at.max(self.latest);
        while !self.stopped {
            while let Some(event) = self.machine.consequence(at) {
                self.commit(&event);
                if let Event::Cancelled { node, .. } = event {
                    self.drop_cancelled(node);
                }
            }
            let Some(rule) = self.machine.next_ask() else { return };
            self.ask(rule, tag, at);
        }
    }

    /// Evaluates a rule's predicate and commits the result.
    fn ask(&mut self, rule: RuleId, tag: TagId, at: Time) {
        let Some(mut body) = self.bodies[rule.index()].take() else { return };
        // The body is taken out of its slot, because the view borrows the state. The lock stays held: the result and
        // its read set belong to one state of the graph.
        let view = View::new(self.machine.graph(), &self.outputs, tag);
        let said = catch_unwind(AssertUnwindSafe(|| self.call_locked(|| body.ask(&view))));
        let event = match said {
            Ok(held) => Event::Evaluated { rule, held, reads: view.into_reads(), at },
            Err(panic) => {
                let error = RuleError::new(self.machine.rule_name(rule), None, Cause::of_panic(&*panic));
                self.later.drop_payload(panic);
                Event::RuleFailed { rule, binding: None, error, at }
            }
        };
        self.bodies[rule.index()] = Some(body);
        self.commit(&event);
        if let Event::RuleFailed { error, .. } = &event {
            self.judge_rule(error.rule(), at);
        }
    }

    /// Returns `true` if a body is due and no thread runs one.
    pub(crate) fn has_bodies(&self) -> bool {
        self.machine.has_due() && !self.growing && !self.stopped && self.gate.is_none()
    }

    /// Takes the program's functions out, to be dropped after the lock is released.
    pub(crate) fn take_functions(&mut self) -> Functions {
        let (jobs, bodies) = (std::mem::take(&mut self.jobs), std::mem::take(&mut self.bodies));
        Functions { jobs, bodies, start_order: self.machine.take_start_order() }
    }

    /// Stops all parked tasks and signals running nodes, when the run is stopped or given up.
    pub(crate) fn drop_waiting(&mut self) {
        self.parked.drain().for_each(|(_, task)| self.later.stop(task));
        self.let_go.note();
        self.let_go.raise(self.later.wakers());
    }
}

/// The program's functions and their captures. A panic in a `Drop` of theirs is caught.
pub(crate) struct Functions {
    jobs: Vec<Option<Box<dyn Job>>>,
    bodies: Vec<Option<Box<dyn RuleBody>>>,
    start_order: StartOrder,
}

impl Drop for Functions {
    fn drop(&mut self) {
        self.jobs.drain(..).for_each(quietly);
        self.bodies.drain(..).for_each(quietly);
        quietly(std::mem::take(&mut self.start_order));
    }
}

impl Drop for State {
    fn drop(&mut self) {
        drop(self.take_functions());
        std::mem::take(&mut self.later).run();
    }
}
