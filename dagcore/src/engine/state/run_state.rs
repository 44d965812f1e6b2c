//! What the workers share, behind one lock: the machine, the outputs, and the functions to be run.

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

pub(crate) struct State {
    pub(crate) machine: Machine,
    pub(crate) outputs: Outputs,
    pub(crate) jobs: Vec<Option<Box<dyn Job>>>,
    pub(crate) bodies: Vec<Option<Box<dyn RuleBody>>>,
    /// The rules with names that fire for each node of a stage.
    pub(crate) items: HashSet<TypeId>,
    pub(crate) laws: KnownRules,
    /// The memory of the last body's additions, for the next one.
    pub(crate) batch: Option<Box<Batch>>,
    /// Whether somebody is running a body: one at a time, so that ids are known before they are taken in.
    pub(crate) growing: bool,
    /// What was wrong with what running nodes added, by the attempt that added it.
    pub(crate) spoiled: HashMap<(NodeId, u32), String>,
    /// The workers, by lane.
    pub(crate) crews: [Crew; 3],
    /// Whether somebody will look again for nodes that nobody took.
    pub(crate) looking: bool,
    /// Nodes that have been taken and not been handed in.
    pub(crate) taken: usize,
    pub(crate) limit: usize,
    /// Where what can happen next waits, when somebody is asked about it.
    pub(crate) gate: Option<Gate>,
    /// The limit, while nothing is to start.
    pub(crate) held: Option<usize>,
    /// How long a worker was busy with a node of each stage of late, in nanoseconds.
    pub(crate) busy: Busy,
    /// Nodes that wait in tasks of their own; without its sender a task drops what it waits for.
    pub(crate) parked: HashMap<NodeId, Sender<()>>,
    pub(crate) attempts: Attempts,
    pub(crate) judge: Judge,
    pub(crate) resources: Resources,
    /// What the workflow says of the needs of stages.
    pub(crate) needs: BTreeMap<StageId, Needs>,
    /// Whether ends of nodes may be more than just that: attempts that are followed by others, or that nobody wants.
    pub(crate) careful: bool,
    /// When the timekeeper is awake next.
    pub(crate) timekeeper: Option<Time>,
    /// How long what runs may go on when the run is cancelled.
    pub(crate) grace: Duration,
    pub(crate) let_go: Arc<LetGo>,
    pub(crate) barrier: Arc<StartBarrier>,
    /// The time of the latest event. A start is never earlier than this, so no node starts before its dependencies ended, whichever
    /// thread read the clock first; an end keeps its measured time.
    pub(crate) latest: Time,
    /// What is done once the lock is released.
    pub(crate) later: Later,
    pub(crate) stopped: bool,
    /// Whether a tracker is to be told of what happens.
    pub(crate) is_tracked: bool,
    /// Those who follow the run as it goes on.
    pub(crate) feeds: Vec<Arc<Feed>>,
    /// What trackers are told.
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

    #[cold]
    #[inline(never)]
    fn hand_in_watched(&mut self, finished: &mut Vec<Finished>) {
        finished.drain(..).for_each(|finished| self.end::<true>(finished));
    }

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

    /// The same for an end that may be more than just that.
    #[inline(never)]
    fn end_carefully(&mut self, finished: Finished) {
        let Finished { node, stage, started, ended, attempt, announced, in_place, result } = finished;
        self.taken -= 1;
        self.give_back(node, ended);
        let spoiled = self.spoiled.remove(&(node, attempt));
        if self.is_stray(node, attempt) {
            return self.later.drop_output(result);
        }
        self.announce(node, started, announced);
        self.leave_worker(node, stage, ended.nanos_since(started), in_place);
        // One that was recalled is recorded as started when that happened, which may be after its function returned.
        let ended = ended.max(self.machine.graph().started(node).unwrap_or(ended));
        self.end_otherwise(node, stage, ended, result, spoiled);
    }

    /// An attempt has ended, which kept its worker for so long if it never waited in a task of its own.
    #[inline(always)]
    fn leave_worker(&mut self, node: NodeId, stage: StageId, nanos: u64, in_place: bool) {
        if in_place {
            self.busy.note(stage, nanos);
        } else {
            self.parked.remove(&node);
        }
    }

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

    pub(crate) fn hand_in_parked(&mut self, parked: &mut Vec<Parked>) {
        for Parked { node, started, attempt, announced, stop } in parked.drain(..) {
            if self.stopped || (self.careful && self.is_stray(node, attempt)) {
                self.later.stop(stop);
                continue;
            }
            // It may have ended on another worker before this one came here.
            if self.machine.graph().state(node).is_some_and(|state| !state.is_settled()) {
                self.announce(node, started, announced);
                self.parked.insert(node, stop);
            }
        }
    }

    #[inline]
    pub(crate) fn announce(&mut self, node: NodeId, started: Time, announced: bool) {
        self.latest = self.latest.max(started);
        self.announce_as::<true>(node, started, announced);
    }

    #[inline]
    fn announce_as<const WATCHES: bool>(&mut self, node: NodeId, started: Time, announced: bool) {
        if !announced && self.machine.graph().state(node) == Some(NodeState::Ready) {
            self.commit_plain::<WATCHES>(Event::Started { node, at: started });
        }
    }

    /// Lets follow what follows by itself: nodes that are skipped, stages that close, predicates that are asked.
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

    fn ask(&mut self, rule: RuleId, tag: TagId, at: Time) {
        let Some(mut body) = self.bodies[rule.index()].take() else { return };
        let view = View::new(self.machine.graph(), &self.outputs, tag);
        let said = catch_unwind(AssertUnwindSafe(|| self.call_locked(|| body.ask(&view))));
        let event = match said {
            Ok(held) => Event::Asked { rule, held, reads: view.into_reads(), at },
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

    /// Whether there are bodies to run that nobody is at.
    pub(crate) fn has_bodies(&self) -> bool {
        self.machine.has_due() && !self.growing && !self.stopped && self.gate.is_none()
    }

    /// Takes the users' functions out, to be dropped when the lock is not held.
    pub(crate) fn take_functions(&mut self) -> Functions {
        let (jobs, bodies) = (std::mem::take(&mut self.jobs), std::mem::take(&mut self.bodies));
        Functions { jobs, bodies, start_order: self.machine.take_start_order() }
    }

    /// Drops everything that waits, for a run that is given up.
    pub(crate) fn drop_waiting(&mut self) {
        self.parked.drain().for_each(|(_, task)| self.later.stop(task));
        self.let_go.note();
        self.let_go.raise(self.later.wakers());
    }
}

/// The users' functions and what they hold, to be dropped whatever their `Drop` does.
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
