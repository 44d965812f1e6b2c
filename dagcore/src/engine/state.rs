//! What the workers share, behind one lock: the machine, the outputs, and the functions to be run.

use crate::dag::{Cause, Event, Machine, NodeError, NodeId, Outputs, Place, RuleError, StageId, Time, Value, quietly};
use crate::port::{Job, Sources};
use crate::registry;
use crate::typed::{Batch, RuleBody, TagId, View};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::task::AbortHandle;

/// A node on its way to be run.
pub(super) struct Taken {
    pub(super) node: NodeId,
    pub(super) stage: StageId,
    pub(super) job: Box<dyn Job>,
    /// Whether the machine has been told that it started.
    pub(super) announced: bool,
}

/// A node that was run.
pub(super) struct Finished {
    pub(super) node: NodeId,
    pub(super) stage: StageId,
    pub(super) started: Time,
    pub(super) ended: Time,
    pub(super) announced: bool,
    /// Whether it ended without ever waiting: then the time it took says how long a worker is busy with it.
    pub(super) in_place: bool,
    pub(super) result: Result<Value, Cause>,
}

/// A node that waits in a task of its own.
pub(super) struct Parked {
    pub(super) node: NodeId,
    pub(super) started: Time,
    pub(super) announced: bool,
    pub(super) task: AbortHandle,
}

/// Which workers do what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Tasks of the async runtime.
    Async,
    /// Threads that compute and do not wait.
    Compute,
}

impl Lane {
    pub(super) fn place(self) -> Place {
        match self {
            Self::Async => Place::Async,
            Self::Compute => Place::Compute,
        }
    }
}

/// At most so many nodes are taken at once, and only of stages that are over in no time.
const MOST_AT_ONCE: usize = 32;
/// What "no time" is, in nanoseconds of one node.
const SHORT: u32 = 2_000;
/// How much short work, in nanoseconds, is worth another worker.
const WORTH_A_WORKER: u64 = 20_000;
/// A worker that took a turn since will soon take another.
const JUST_NOW: Duration = Duration::from_micros(50);
/// How long a node of a stage that has not run yet is taken to be.
const UNKNOWN: u32 = u32::MAX;

pub(super) struct State {
    pub(super) machine: Machine,
    pub(super) outputs: Outputs,
    pub(super) jobs: Vec<Option<Box<dyn Job>>>,
    pub(super) bodies: Vec<Option<Box<dyn RuleBody>>>,
    pub(super) rule_errors: Vec<RuleError>,
    /// The memory of the last body's additions, for the next one.
    pub(super) batch: Batch,
    /// Whether a worker is running bodies: one at a time, so that ids are known before they are taken in.
    pub(super) growing: bool,
    /// Active workers, by lane.
    pub(super) workers: [usize; 2],
    /// Those of them that took something which may keep them for long.
    pub(super) engaged: [usize; 2],
    /// When a worker last took a turn, by lane.
    pub(super) last_turn: [Time; 2],
    /// Nodes that have been taken and not been handed in.
    pub(super) taken: usize,
    pub(super) limit: usize,
    /// How long a worker was busy with a node of each stage, in nanoseconds: the longest of late.
    busy: Vec<u32>,
    parked: HashMap<NodeId, AbortHandle>,
    pub(super) stopped: bool,
}

impl State {
    pub(super) fn new(machine: Machine, batch: Batch, limit: usize) -> Self {
        Self {
            machine,
            outputs: Outputs::default(),
            jobs: Vec::new(),
            bodies: Vec::new(),
            rule_errors: Vec::new(),
            batch,
            growing: false,
            workers: [0, 0],
            engaged: [0, 0],
            last_turn: [Time::START; 2],
            taken: 0,
            limit,
            busy: Vec::new(),
            parked: HashMap::new(),
            stopped: false,
        }
    }

    /// Tells the machine what the engine itself saw happen.
    pub(super) fn tell(&mut self, event: &Event) {
        let told = self.machine.apply(event);
        debug_assert_eq!(told, Ok(()), "the engine told what cannot have happened: {event:?}");
    }

    /// Takes in the jobs and bodies of a batch whose additions the machine has taken in.
    pub(super) fn adopt(&mut self, batch: &mut Batch) {
        self.jobs.extend(batch.jobs.drain(..).map(Some));
        self.bodies.extend(batch.bodies.drain(..).map(Some));
    }

    pub(super) fn hand_in(&mut self, finished: &mut Vec<Finished>) {
        for Finished { node, stage, started, ended, announced, in_place, result } in finished.drain(..) {
            self.taken -= 1;
            self.announce(node, started, announced);
            if in_place {
                self.note_busy(stage, ended.since(started).as_nanos());
            } else {
                self.parked.remove(&node);
            }
            match result {
                Ok(value) => {
                    self.outputs.set(node, value);
                    self.tell(&Event::Succeeded { node, at: ended });
                }
                Err(cause) => {
                    let name = self.machine.graph().name(node);
                    let error = NodeError::new(name, registry::describe(stage).name, cause);
                    let error = error.keyed(self.machine.graph().key(node));
                    self.tell(&Event::Failed { node, error, at: ended });
                }
            }
        }
    }

    pub(super) fn hand_in_parked(&mut self, parked: &mut Vec<Parked>) {
        for Parked { node, started, announced, task } in parked.drain(..) {
            if self.stopped {
                task.abort();
                continue;
            }
            // It may have ended on another worker before this one came here.
            if self.machine.graph().state(node).is_some_and(|state| !state.is_settled()) {
                self.announce(node, started, announced);
                self.parked.insert(node, task);
            }
        }
    }

    #[inline]
    fn announce(&mut self, node: NodeId, started: Time, announced: bool) {
        if !announced && self.machine.graph().state(node) == Some(crate::dag::NodeState::Ready) {
            self.tell(&Event::Started { node, at: started });
        }
    }

    /// Lets follow what follows by itself: nodes that are skipped, stages that close, predicates that are asked.
    pub(super) fn follow(&mut self, tag: TagId, at: Time) {
        loop {
            while let Some(event) = self.machine.consequence(at) {
                self.tell(&event);
            }
            let Some(rule) = self.machine.next_ask() else { return };
            let Some(mut body) = self.bodies[rule.index()].take() else { continue };
            let view = View::new(self.machine.graph(), &self.outputs, tag);
            let said = catch_unwind(AssertUnwindSafe(|| body.ask(&view)));
            let event = match said {
                Ok(held) => Event::Asked { rule, held, reads: view.into_reads() },
                Err(panic) => {
                    let error = RuleError::new(self.machine.rule_name(rule), None, Cause::panic(panic));
                    self.rule_errors.push(error.clone());
                    Event::RuleFailed { rule, binding: None, error, at }
                }
            };
            self.bodies[rule.index()] = Some(body);
            self.tell(&event);
        }
    }

    /// Takes what a worker does next, and says whether that may keep it for long.
    pub(super) fn take(&mut self, own: Place, most_workers: usize, at: Time, into: &mut Vec<Taken>) -> bool {
        let mut most = 1;
        let mut engaged = false;
        while into.len() < most && self.taken < self.limit && !self.stopped {
            let inline = self.machine.peek_ready(Place::Inline).is_some();
            let place = if inline { Place::Inline } else { own };
            let Some(node) = self.machine.peek_ready(place) else { break };
            let Some(stage) = self.machine.graph().stage(node) else { break };
            let short = self.busy(stage) < SHORT;
            if into.is_empty() && short && self.limit == usize::MAX {
                most = (self.machine.ready(place) / (2 * most_workers)).clamp(1, MOST_AT_ONCE);
            } else if !into.is_empty() && !short {
                break;
            }
            let _ = self.machine.take_ready(place);
            engaged |= !short;
            self.take_node(node, stage, most == 1, at, into);
        }
        engaged
    }

    /// Takes all nodes that want a thread of their own.
    pub(super) fn take_blocking(&mut self, at: Time, into: &mut Vec<Taken>) {
        while self.taken < self.limit && !self.stopped {
            let Some(node) = self.machine.take_ready(Place::Blocking) else { break };
            let Some(stage) = self.machine.graph().stage(node) else { break };
            self.take_node(node, stage, true, at, into);
        }
    }

    #[inline]
    fn take_node(&mut self, node: NodeId, stage: StageId, announce: bool, at: Time, into: &mut Vec<Taken>) {
        let Some(mut job) = self.jobs.get_mut(node.index()).and_then(Option::take) else {
            debug_assert!(false, "a node without a job became ready");
            return;
        };
        job.bind(Sources { graph: self.machine.graph(), outputs: &self.outputs });
        self.taken += 1;
        if announce {
            self.tell(&Event::Started { node, at });
        }
        into.push(Taken { node, stage, job, announced: announce });
    }

    /// How many more workers of `lane` the nodes that are still ready deserve.
    pub(super) fn wanted(&self, lane: Lane, most_workers: usize, at: Time) -> usize {
        let workers = self.workers[lane as usize];
        let free = most_workers.saturating_sub(workers).min(self.limit - self.taken);
        if self.stopped {
            return 0;
        }
        if lane == Lane::Async && workers == 0 && self.machine.has_due() && !self.growing {
            return 1; // a guest leaves bodies behind
        }
        if free == 0 {
            return 0;
        }
        let mut ready = self.machine.ready(lane.place());
        if lane == Lane::Async {
            ready += self.machine.ready(Place::Inline);
        }
        let first = self.machine.peek_ready(lane.place()).or_else(|| self.machine.peek_ready(Place::Inline));
        let Some(stage) = first.and_then(|node| self.machine.graph().stage(node)) else { return 0 };
        // Whoever is at work goes on with what is ready, if it is not kept by something long. A newcomer must be
        // woken, which takes longer than many a node.
        let work = u64::from(self.busy(stage)) * ready as u64;
        let seen = at.since(self.last_turn[lane as usize]) < JUST_NOW;
        let somebody = seen && workers > self.engaged[lane as usize];
        if work < WORTH_A_WORKER && somebody { 0 } else { free.min(ready) }
    }

    /// Drops the users' functions and what they hold, whatever their `Drop` does.
    pub(super) fn forget(&mut self) {
        self.jobs.drain(..).for_each(quietly);
        self.bodies.drain(..).for_each(quietly);
    }

    /// Ends everything that waits, for a run that is given up.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.parked.values().for_each(AbortHandle::abort);
    }

    fn busy(&self, stage: StageId) -> u32 {
        self.busy.get(stage.index()).copied().unwrap_or(UNKNOWN)
    }

    fn note_busy(&mut self, stage: StageId, nanos: u128) {
        if self.busy.len() <= stage.index() {
            self.busy.resize(stage.index() + 1, UNKNOWN);
        }
        let (now, before) = (u32::try_from(nanos).unwrap_or(UNKNOWN - 1), &mut self.busy[stage.index()]);
        *before = if *before == UNKNOWN || now > *before { now } else { *before - (*before - now) / 4 };
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.forget();
    }
}
