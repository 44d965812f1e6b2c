//! The worker's loop: hand in, take, run, and again.

use super::crew::{Crew, Help, Lane};
use super::deck::{Deck, Finished, Taken};
use super::growing::grow;
use super::inside::RunningNode;
use super::job::{Guarded, Tried, start_job};
use super::locking::Locked;
use super::own_threads::{self, run_soon};
use super::shared::Shared;
use super::state::{Parked, State};
use crate::dag::{Cause, Event, NodeId, NodeState, StageId, Time, quietly};
use crate::port::{Job, StageFuture, Starting};
use crate::registry;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a worker keeps the thread before it lets the runtime see to timers and other tasks.
const SLICE: Duration = Duration::from_micros(500);
/// And how many turns it takes at the most, for a clock that a test has stopped.
const TURNS: usize = 1_000;
/// What is said to nobody: of a node whose result is not wanted any more.
const NOT_WANTED: &str = "nobody wants it any more";
/// How long a node may wait for a worker who is expected at once.
const PATIENCE: Duration = Duration::from_millis(1);

/// What a worker has in its hands.
struct Hands {
    /// Whether it may take nodes: a node that ends in a task of its own comes back as a guest, and stays if there
    /// are too few workers.
    role: Role,
    taken: Vec<Taken>,
    /// Whether some of what is finished lies on the deck.
    many: bool,
    /// How often the barrier had been raised when they were taken.
    seen: u64,
    finished: Vec<Finished>,
    parked: Vec<Parked>,
    /// Its seat in the crew, from its first turn on.
    seat: Option<(usize, Arc<Deck>)>,
    /// When it last looked at the clock.
    now: Time,
}

/// A node whose future waits in a task of its own.
struct Waiting {
    node: NodeId,
    stage: StageId,
    started: Time,
    attempt: u32,
    announced: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Worker(Lane),
    Guest,
}

impl Hands {
    fn new(role: Role, now: Time) -> Self {
        Self {
            role,
            taken: Vec::new(),
            many: false,
            seen: 0,
            finished: Vec::new(),
            parked: Vec::new(),
            seat: None,
            now,
        }
    }
}

impl Hands {
    /// Takes what was run off the deck. Called under the lock of the run: at no time is it in neither place.
    fn collect(&mut self) {
        if std::mem::take(&mut self.many) {
            self.seat.iter().for_each(|(_, deck)| deck.collect(&mut self.finished));
        }
    }
}

impl Shared {
    /// Works until nothing is left to take. The caller has been counted as a worker of the async lane.
    pub(super) async fn work(self: &Arc<Self>) {
        self.work_with(Hands::new(Role::Worker(Lane::Async), self.clock.now())).await;
    }

    async fn work_with(self: &Arc<Self>, mut hands: Hands) {
        while self.turns(&mut hands) {
            tokio::task::yield_now().await;
            hands.now = self.clock.now();
        }
    }

    /// The loop. Whether to go on, once other tasks have had their turn.
    fn turns(self: &Arc<Self>, hands: &mut Hands) -> bool {
        let until = hands.now.since_start() + SLICE;
        let mut turns = 0;
        // Other lanes have threads of their own, which nobody else waits for.
        let has_thread = matches!(hands.role, Role::Worker(Lane::Compute | Lane::Blocking));
        while has_thread || (turns < TURNS && hands.now.since_start() <= until) {
            if !self.turn(hands) {
                return false;
            }
            if hands.taken.is_empty() {
                hands.now = self.clock.now();
            }
            self.run_taken(hands);
            turns += 1;
        }
        // Whoever gives the run up meanwhile is to find what waits, and nobody is to wait for what has ended.
        let mut state = self.state.lock();
        state.hand_in_parked(&mut hands.parked);
        hands.collect();
        state.hand_in(&mut hands.finished);
        hands.now = hands.now.max(state.latest);
        self.settle(&mut state, &mut hands.now);
        if let (Role::Worker(lane), Some((seat, _))) = (hands.role, &hands.seat) {
            state.crews[lane as usize].take_turn(*seat, false, false, hands.now); // it holds nothing now
        }
        self.call_for_help(state, hands.now); // it may be long before this task is polled again
        true
    }

    /// Runs all that was taken, but for what others take away and what is not to begin any more.
    fn run_taken(self: &Arc<Self>, hands: &mut Hands) {
        if hands.taken.len() == 1 && self.barrier.raised() == hands.seen {
            if let Some(node) = hands.taken.pop() {
                self.run_alone(node, hands);
            }
            return;
        }
        let mut taken = std::mem::take(&mut hands.taken);
        if taken.len() > 1 {
            self.run_many(&mut taken, hands);
        }
        // Those that are left are recorded as started, but for a barrier that was raised meanwhile.
        while !taken.is_empty() {
            if self.barrier.raised() != hands.seen {
                taken = self.review(taken, hands);
            } else {
                taken.drain(..1).for_each(|node| self.run_alone(node, hands));
            }
        }
        hands.taken = taken;
    }

    /// Runs nodes one after another, while the rest lies where others can take it away. What is left when the barrier is raised
    /// comes back in `taken`.
    fn run_many(self: &Arc<Self>, taken: &mut Vec<Taken>, hands: &mut Hands) {
        let Some(deck) = hands.seat.as_ref().map(|(_, deck)| Arc::clone(deck)) else { return };
        hands.many = true;
        let seen = hands.seen;
        let mut next = deck.begin(taken, &self.barrier, seen);
        while let Some(node) = next {
            let finished = self.run(node, hands);
            next = deck.next(finished, &hands.parked, &self.barrier, seen);
        }
        deck.take(taken);
    }

    /// Looks again at nodes that were taken before the barrier was raised. Those that are to run all the same.
    #[cold]
    fn review(self: &Arc<Self>, taken: Vec<Taken>, hands: &mut Hands) -> Vec<Taken> {
        let mut state = self.state.lock();
        hands.collect();
        state.hand_in(&mut hands.finished);
        hands.now = self.now(&state);
        hands.seen = self.barrier.raised();
        let goes_on = state.review(taken, hands.now);
        self.settle(&mut state, &mut hands.now);
        self.call_for_help(state, hands.now);
        goes_on
    }

    /// Hands in what is finished, lets follow what follows, and takes what comes next. Whether there is more to do.
    fn turn(self: &Arc<Self>, hands: &mut Hands) -> bool {
        let mut state = self.state.lock();
        if !hands.parked.is_empty() {
            state.hand_in_parked(&mut hands.parked);
        }
        hands.collect();
        state.hand_in(&mut hands.finished);
        hands.now = hands.now.max(state.latest); // others may have looked at the clock later, and been here before
        self.settle(&mut state, &mut hands.now);
        let bodies_left = state.has_bodies();
        let mut more = bodies_left;
        if hands.role == Role::Guest && state.crews[Lane::Async as usize].has_room() {
            state.crews[Lane::Async as usize].workers += 1;
            hands.role = Role::Worker(Lane::Async);
        }
        if let Role::Worker(lane) = hands.role {
            let seat = hands.seat.get_or_insert_with(|| state.crews[lane as usize].sit_down(hands.now)).0;
            let mut engaged = false;
            if bodies_left || !state.can_spare(lane, seat, hands.now) {
                engaged = state.take(lane, hands.now, &mut hands.taken);
                let none = hands.taken.is_empty() && lane != Lane::Blocking; // who blocks takes one node at a time
                if none && self.rescue(&mut state, &mut hands.now) {
                    engaged = state.take(lane, hands.now, &mut hands.taken);
                }
                if none && hands.taken.is_empty() {
                    state.crews[lane as usize].steal(&mut hands.taken);
                }
            }
            if state.careful && hands.taken.is_empty() {
                self.settle(&mut state, &mut hands.now); // a node may have failed instead of starting
            }
            more = state.has_bodies() || !hands.taken.is_empty();
            hands.seen = self.barrier.raised();
            let crew = &mut state.crews[lane as usize];
            crew.take_turn(seat, engaged, hands.taken.len() > 1, hands.now);
            if !more {
                crew.leave(seat);
            }
        }
        self.call_for_help(state, hands.now);
        more
    }

    /// Brings the machine to where only nodes, or the bodies that are left, can move it on; ends the run when there
    /// are none.
    pub(super) fn settle(&self, state: &mut Locked<'_>, now: &mut Time) {
        state.follow(self.tag, *now);
        while !state.growing && !state.stopped && !self.is_scripted {
            if state.machine.has_due() {
                if state.gate.is_some() {
                    return;
                }
                state.growing = true;
                let left = grow(self, state, now);
                state.growing = false;
                self.grown.notify_all();
                if left {
                    return;
                }
            } else if !self.rest(state, *now) {
                return;
            }
        }
    }

    /// Lets happen what happens when nothing else can. Whether that is so.
    #[inline]
    pub(super) fn rest(&self, state: &mut State, now: Time) -> bool {
        let now = now.max(state.latest);
        let Some(events) = state.machine.at_rest(now) else { return false };
        if state.gate.is_some() && state.waits_to_end(&events) {
            return false;
        }
        for event in events {
            state.tell(&event);
            if matches!(event, Event::RunEnded { .. }) {
                self.end(state);
            }
        }
        state.follow(self.tag, now);
        true
    }

    /// Starts workers for what is still ready.
    pub(super) fn call_for_help(self: &Arc<Self>, mut state: Locked<'_>, at: Time) {
        if state.careful {
            self.be_careful(&mut state);
        }
        if state.machine.has_ready() || state.has_bodies() {
            return self.call(state, at);
        }
        state.release();
    }

    /// Starts as many workers as what waits is worth, or lets somebody look again.
    fn call(self: &Arc<Self>, mut state: Locked<'_>, at: Time) {
        let mut newcomers = [0; 3];
        let mut look = false;
        for lane in Lane::ALL {
            match state.help(lane, at) {
                Help::Newcomers(count) => {
                    newcomers[lane as usize] = count;
                    state.crews[lane as usize].workers += count;
                }
                Help::Soon => look = true,
            }
        }
        let look = (look || state.crews.iter().any(Crew::holds_many)) && !std::mem::replace(&mut state.looking, true);
        if look {
            state.crews.iter_mut().for_each(Crew::look);
        }
        state.release();
        for lane in Lane::ALL {
            for _ in 0..newcomers[lane as usize] {
                self.start_worker(lane);
            }
        }
        if look {
            let shared = Arc::clone(self);
            let looks = own_threads::run(move || {
                let runtime = shared.runtime.clone();
                let _runtime = runtime.enter(); // bodies of rules run here, too
                shared.look_again();
            });
            if looks.is_err() {
                self.state.lock().looking = false; // the system has no thread left; the next call tries again
            }
        }
    }

    fn start_worker(self: &Arc<Self>, lane: Lane) {
        let shared = Arc::clone(self);
        if lane == Lane::Async {
            self.runtime.spawn(async move { shared.work().await });
        } else {
            let shared = Arc::downgrade(&shared);
            let work = move || {
                let Some(shared) = shared.upgrade() else { return };
                let _runtime = shared.runtime.enter();
                shared.turns(&mut Hands::new(Role::Worker(lane), shared.clock.now()));
            };
            run_soon(|task| drop(self.runtime.spawn_blocking(task)), work);
        }
    }

    /// Sees to it that no node waits for a worker who was expected to come soon, and did not.
    fn look_again(self: Arc<Self>) {
        let (mut soon, mut now) = (true, self.clock.now());
        self.look.wait(PATIENCE); // without the lock, which the workers need
        let mut state = self.state.lock();
        while soon && !state.stopped {
            now = self.clock.now();
            state.crews.iter_mut().for_each(Crew::look);
            self.rescue(&mut state, &mut now);
            soon = Lane::ALL.into_iter().any(|lane| state.help(lane, now) == Help::Soon)
                || state.crews.iter().any(|crew| crew.holds_many() && !crew.is_stuck(now));
            if soon {
                state.unlocked(|| self.look.wait(PATIENCE));
            }
        }
        state.looking = false;
        if state.careful {
            self.be_careful(&mut state);
        }
        self.call(state, now);
    }

    /// Hands in what was run by workers that are stuck with something else. Whether there was any.
    fn rescue(&self, state: &mut Locked<'_>, now: &mut Time) -> bool {
        let mut finished = Vec::new();
        state.crews.iter().for_each(|crew| crew.rescue(*now, &mut finished));
        let any = !finished.is_empty();
        if any {
            state.hand_in(&mut finished);
            *now = (*now).max(state.latest);
            self.settle(state, now);
        }
        any
    }

    /// Runs a node that is recorded as started.
    #[inline]
    fn run_alone(self: &Arc<Self>, taken: Taken, hands: &mut Hands) {
        let finished = self.run(taken, hands);
        hands.finished.extend(finished);
    }

    /// Runs a node. What is pending after one poll goes into a task of its own, and is the last of those that are parked.
    #[inline]
    fn run(self: &Arc<Self>, taken: Taken, hands: &mut Hands) -> Option<Finished> {
        let Taken { node, stage, attempt, announced, .. } = taken;
        let started = hands.now;
        let tried = self.attempt(taken, started);
        hands.now = self.clock.now();
        match tried {
            Tried::Ended(result) => {
                let (ended, in_place) = (hands.now, true);
                Some(Finished { node, stage, started, ended, attempt, announced, in_place, result })
            }
            Tried::Pending(future) => {
                let waiting = Waiting { node, stage, started, attempt, announced };
                hands.parked.push(self.park(waiting, future));
                None
            }
        }
    }

    /// Lets a node's future go on in a task of its own.
    fn park(self: &Arc<Self>, waiting: Waiting, future: StageFuture) -> Parked {
        let Waiting { node, started, attempt, announced, .. } = waiting;
        let (stop, stopped) = oneshot::channel();
        self.runtime.spawn(Arc::clone(self).finish(waiting, future, stopped));
        Parked { node, started, attempt, announced, stop }
    }

    /// Starts a node, and polls it once in place if it is async.
    #[inline]
    pub(super) fn attempt(self: &Arc<Self>, taken: Taken, now: Time) -> Tried {
        let Taken { node, stage, mut job, attempt, spare, .. } = taken;
        if let Err(cause) = if spare { self.keep_spare(node, &mut *job) } else { Ok(()) } {
            return Tried::Ended(Err(cause));
        }
        let starting = Starting {
            workflow: &self.workflow,
            attempt: attempt.saturating_add(1),
            names: &|| (self.state.lock().machine.graph().name(node), registry::describe(stage).name),
            inside: &|| RunningNode::inside(self, node, now, attempt),
            mock: self.mocks.as_ref().and_then(|mocks| mocks.get(registry::spec(stage)?)),
        };
        start_job(job, &starting)
    }

    /// Keeps a second job for another attempt at a node.
    #[cold]
    fn keep_spare(&self, node: NodeId, job: &mut dyn Job) -> Result<(), Box<Cause>> {
        let again = catch_unwind(AssertUnwindSafe(|| job.again()));
        let spare = again.unwrap_or_else(|panic| Err(Box::new(Cause::panic(panic))))?;
        let mut state = self.state.lock();
        let is_wanted = state.machine.graph().state(node) == Some(NodeState::Running);
        match state.jobs.get_mut(node.index()).filter(|_| is_wanted) {
            Some(place) => *place = Some(spare),
            None => {
                drop(state);
                quietly(spare);
            }
        }
        Ok(())
    }

    /// Waits for a node, and works on from there.
    async fn finish(self: Arc<Self>, waiting: Waiting, future: StageFuture, mut stopped: oneshot::Receiver<()>) {
        let Waiting { node, stage, started, attempt, announced } = waiting;
        let mut future = Guarded::new(future);
        let result = poll_fn(|context| match Pin::new(&mut stopped).poll(context) {
            Poll::Ready(_) => Poll::Ready(Err(Box::new(Cause::Refused(NOT_WANTED.into())))),
            Poll::Pending => Pin::new(&mut future).poll(context),
        });
        let result = result.await;
        quietly(future);
        let ended = self.clock.now();
        let mut hands = Hands::new(Role::Guest, ended);
        hands.finished.push(Finished { node, stage, started, ended, attempt, announced, in_place: false, result });
        self.work_with(hands).await;
    }
}
