//! The step driver: runs a scripted plan in one task, one step after another, each chosen from outside.
//!
//! It turns the nondeterminism of the workers into choices: which ready node starts next, which finished node is
//! reported next, and whether alone or with others, which woken node is polled next, and which body runs next. The
//! effect of a step is computed by the same functions as for the workers. A plain function runs in place, and the
//! clock is the runtime's: if a test has paused it, time passes only when no step is possible.

use super::rule_bodies::run_chosen;
use super::run_job::{Guarded, Tried};
use crate::dag::{Name, NodeId, Place, StageId, Time, quietly};
use crate::engine::parts::idle_detection::{Hope, Idle};
use crate::engine::parts::wake_list::Alarm;
use crate::engine::parts::worker_queue::{Finished, Taken};
use crate::engine::state::lock::Locked;
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Chooses one of the possible steps, counted from zero through all kinds; there are at least two. The argument is
/// the number of steps of each kind. `None` stops the run.
pub(crate) type Chance = Box<dyn FnMut(&[usize]) -> Option<usize> + Send>;

/// Drives a run to its end. No other task takes steps of it.
pub(crate) async fn drive(shared: &Arc<Shared>, chance: Chance) {
    let mut script = Script {
        shared,
        chance,
        waiting: BTreeMap::new(),
        finished: Vec::new(),
        alarm: Arc::default(),
        idle: None,
        now: shared.clock.now(),
    };
    shared.settle(&mut shared.state.lock(), &mut script.now);
    // With tokio's cooperative budget, the progress of a future would depend on how much the others did before it.
    tokio::task::unconstrained(poll_fn(|context| script.poll(context))).await;
}

/// The state of the step driver.
struct Script<'a> {
    shared: &'a Arc<Shared>,
    chance: Chance,
    /// Nodes whose futures are pending.
    waiting: BTreeMap<NodeId, Waiting>,
    /// Nodes that have ended and have not been reported.
    finished: Vec<Finished>,
    alarm: Arc<Alarm>,
    /// Set while no step is possible.
    idle: Option<Idle>,
    now: Time,
}

/// A pending node.
struct Waiting {
    stage: StageId,
    started: Time,
    attempt: u32,
    future: Guarded,
    waker: Waker,
}

/// How the run continues.
enum Step {
    Next,
    /// After other tasks have run.
    Yield,
    /// After a node is woken.
    Idle,
    Ended,
}

/// The kinds of steps, in the order in which a choice counts them.
#[derive(Clone, Copy)]
enum Kind {
    Start,
    Body,
    Poll,
    HandIn,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Start, Self::Body, Self::Poll, Self::HandIn];
}

impl Script<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.alarm.tell(context.waker());
        loop {
            self.now = self.shared.clock.now();
            match self.step() {
                Step::Next => self.idle = None,
                Step::Yield => {
                    self.idle = None;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Step::Idle => {
                    let wake = self.shared.state.lock().wakes().map(|at| self.shared.clock.instant(at));
                    match self.idle.get_or_insert_with(|| Idle::until(wake)).poll(context) {
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(Hope::Due) => self.idle = None,
                        Poll::Ready(Hope::None) => self.give_up(),
                    }
                }
                Step::Ended => {
                    self.end();
                    return Poll::Ready(());
                }
            }
        }
    }

    /// Takes one step.
    fn step(&mut self) -> Step {
        let shared = self.shared;
        let mut state = shared.state.lock();
        if state.stopped {
            return Step::Ended;
        }
        if state.later.any {
            state.release();
            return Step::Next;
        }
        if state.wakes().is_some_and(|due| due <= self.now) {
            state.on_time(self.now);
            shared.settle(&mut state, &mut self.now);
            self.let_go(&mut state);
            return Step::Next;
        }
        let possible = Kind::ALL.map(|kind| self.count(kind, &state));
        if possible == [0; 4] {
            return if shared.rest(&mut state, self.now) { Step::Next } else { Step::Idle };
        }
        let Some((kind, nth)) = self.choose(&possible) else { return self.stop(&mut state, NO_FIT) };
        match Kind::ALL[kind] {
            Kind::Start => {
                let taken = take(&mut state, nth, self.now);
                if taken.is_none() {
                    shared.settle(&mut state, &mut self.now); // it may have failed instead of starting
                }
                drop(state);
                taken.into_iter().for_each(|taken| self.start(taken));
                Step::Next
            }
            Kind::Body => self.run_body(&mut state, nth),
            Kind::Poll => {
                drop(state);
                self.poll_node(nth)
            }
            Kind::HandIn => self.hand_in(&mut state, nth),
        }
    }

    /// Returns the number of possible steps of a kind.
    fn count(&self, kind: Kind, state: &State) -> usize {
        match kind {
            Kind::Start if state.taken < state.limit => {
                Place::ALL.iter().map(|place| state.machine.ready(*place)).sum()
            }
            Kind::Start => 0,
            Kind::Body => state.machine.dues(),
            Kind::Poll => self.alarm.woken(),
            Kind::HandIn => self.finished.len(),
        }
    }

    /// Returns the chosen kind, and the index within that kind. With only one step there is no choice to make.
    fn choose(&mut self, possible: &[usize]) -> Option<(usize, usize)> {
        let all: usize = possible.iter().sum();
        let mut chosen = if all > 1 { (self.chance)(possible).filter(|chosen| *chosen < all)? } else { 0 };
        for (kind, count) in possible.iter().enumerate() {
            match chosen.checked_sub(*count) {
                None => return Some((kind, chosen)),
                Some(rest) => chosen = rest,
            }
        }
        None
    }

    /// Starts a node, and polls it once.
    fn start(&mut self, taken: Taken) {
        let Taken { node, stage, attempt, announced, .. } = taken;
        let started = self.now;
        match self.shared.attempt(taken, started) {
            Tried::Ended(result) => {
                let ended = self.shared.clock.now();
                self.finish(Finished { node, stage, started, ended, attempt, announced, in_place: true, result });
            }
            Tried::Pending(future) => {
                let waker = self.alarm.waker(node);
                self.waiting.insert(node, Waiting { stage, started, attempt, future: Guarded::new(future), waker });
            }
        }
    }

    /// Stores the result of a node. Time that passes before it is reported does not count for its timeout.
    fn finish(&mut self, finished: Finished) {
        self.shared.state.lock().attempts.stop_timer(finished.node);
        self.finished.push(finished);
    }

    fn run_body(&mut self, state: &mut Locked<'_>, nth: usize) -> Step {
        let Some(due) = state.machine.next_due_nth(nth) else { return Step::Next };
        run_chosen(self.shared, state, due, self.now);
        self.now = self.shared.clock.now();
        Step::Next
    }

    /// Polls a woken node.
    fn poll_node(&mut self, nth: usize) -> Step {
        let Some(node) = self.alarm.take(nth) else { return Step::Next };
        let Some(Waiting { stage, started, attempt, future, waker }) = self.waiting.get_mut(&node) else {
            return Step::Next;
        };
        let Poll::Ready(result) = Pin::new(future).poll(&mut Context::from_waker(waker)) else {
            return Step::Yield; // for the tasks that it spawned, and to be woken if it only yielded
        };
        let (stage, started, attempt, ended) = (*stage, *started, *attempt, self.shared.clock.now());
        self.finish(Finished { node, stage, started, ended, attempt, announced: true, in_place: false, result });
        self.waiting.remove(&node);
        self.alarm.forget(node);
        Step::Next
    }

    /// Reports a node, and possibly others with it: a worker that has run several reports them together, before any
    /// consequence is applied.
    fn hand_in(&mut self, state: &mut Locked<'_>, mut nth: usize) -> Step {
        loop {
            let mut finished = vec![self.finished.swap_remove(nth)];
            state.hand_in(&mut finished);
            if self.finished.is_empty() {
                break;
            }
            match self.choose(&[1, self.finished.len()]) {
                None => return self.stop(state, NO_FIT),
                Some((0, _)) => break,
                Some((_, next)) => nth = next,
            }
        }
        self.shared.settle(state, &mut self.now);
        Step::Next
    }

    /// Drops the futures of attempts whose results are no longer wanted.
    fn let_go(&mut self, state: &mut State) {
        self.shared.let_go.raise(state.later.wakers());
        let stray = |(node, waiting): &(&NodeId, &Waiting)| state.is_stray(**node, waiting.attempt);
        let stray: Vec<NodeId> = self.waiting.iter().filter(stray).map(|(node, _)| *node).collect();
        for node in stray {
            self.alarm.forget(node);
            if let Some(waiting) = self.waiting.remove(&node) {
                state.spoiled.remove(&(node, waiting.attempt));
                quietly(waiting);
            }
            state.taken -= 1;
            state.give_back(node, self.now);
        }
    }

    /// Ends a run that would wait forever.
    fn give_up(&mut self) {
        const NAMED: usize = 5;
        let mut state = self.shared.state.lock();
        let names = self.waiting.keys().take(NAMED).map(|node| state.machine.graph().name(*node));
        let names: Vec<String> = names.map(|name| format!("`{}`", Name(&name))).collect();
        let more = if self.waiting.len() > NAMED { " and others" } else { "" };
        let why = format!(
            "{}{more} would wait for ever: nothing runs, and no timer, channel or thread has woken what waits",
            names.join(", ")
        );
        self.stop(&mut state, &why);
    }

    fn stop(&self, state: &mut State, why: &str) -> Step {
        self.shared.stop(state, why.to_owned(), self.now);
        Step::Ended
    }

    /// Drops the pending futures and unreported results of a stopped run.
    fn end(&mut self) {
        std::mem::take(&mut self.waiting).into_values().for_each(quietly);
        self.shared.state.lock().hand_in(&mut self.finished);
    }
}

/// Why a run is stopped when the choice is out of range or `None`.
const NO_FIT: &str = "the schedule does not fit the program";

/// Takes the `nth` of the ready nodes.
fn take(state: &mut State, mut nth: usize, at: Time) -> Option<Taken> {
    for place in Place::ALL {
        match nth.checked_sub(state.machine.ready(place)) {
            None => return state.take_nth(place, nth, at),
            Some(rest) => nth = rest,
        }
    }
    None
}
