//! The worker loop: report finished nodes, take ready nodes, run them, repeat.
//!
//! `run.rs` starts the first worker; after that, workers start each other ([`Shared::call_for_help`]). The step
//! driver has no workers and calls only [`Shared::settle`] and [`Shared::rest`].

use super::rule_bodies::grow;
use crate::dag::{Event, Time};
use crate::engine::parts::own_threads;
use crate::engine::parts::own_threads::run_soon;
use crate::engine::parts::worker_pool::{Crew, Help, Lane};
use crate::engine::state::lock::Locked;
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use crate::engine::state::worker_local::{Hands, Role};
use std::sync::Arc;
use std::time::Duration;

/// Maximum time for which a worker keeps its thread before it yields to the runtime's timers and other tasks.
const SLICE: Duration = Duration::from_micros(500);
/// Maximum number of turns between two yields; it bounds the loop when a test has paused the clock.
const TURNS: usize = 1_000;
/// How long a node may wait for a worker that is expected back at once, before the queues are checked again.
const PATIENCE: Duration = Duration::from_millis(1);

impl Shared {
    /// Runs the worker loop until no work is left. The caller has already counted this worker in the async lane.
    pub(crate) async fn work(self: &Arc<Self>) {
        self.work_with(Hands::new(Role::Worker(Lane::Async), self.clock.now())).await;
    }

    /// Runs the worker loop with the given local state until no work is left.
    pub(crate) async fn work_with(self: &Arc<Self>, mut hands: Hands) {
        while self.turns(&mut hands) {
            tokio::task::yield_now().await;
            // Other tasks ran in between: the cached time is stale.
            hands.now = self.clock.now();
        }
    }

    /// Takes turns until the time slice is used up. Returns `true` if the worker should continue after yielding.
    fn turns(self: &Arc<Self>, hands: &mut Hands) -> bool {
        let until = hands.now.since_start() + SLICE;
        let mut turns = 0;
        // The other lanes have threads of their own, on which no other task waits: they need not yield.
        let has_thread = matches!(hands.role, Role::Worker(Lane::Compute | Lane::Blocking));
        while has_thread || (turns < TURNS && hands.now.since_start() <= until) {
            if !self.turn(hands) {
                return false;
            }
            if hands.taken.is_empty() {
                // Nothing is about to run, so nothing updates the cached time.
                hands.now = self.clock.now();
            }
            self.run_taken(hands);
            turns += 1;
        }
        // Report before yielding: if the run is given up while this task is suspended, its parked nodes must be found
        // and stopped, and dependents must not wait for a node that has already ended.
        let mut state = self.state.lock();
        hands.hand_in(&mut state);
        self.settle(&mut state, &mut hands.now);
        if let (Role::Worker(lane), Some((seat, _))) = (hands.role, &hands.seat) {
            state.crews[lane as usize].take_turn(*seat, false, false, hands.now); // holds nothing now
        }
        self.call_for_help(state, hands.now); // it may be long before this task is polled again
        true
    }

    /// Reports finished nodes, applies their consequences and takes the next nodes, all in one critical section.
    /// Returns `true` if there is more to do.
    fn turn(self: &Arc<Self>, hands: &mut Hands) -> bool {
        let mut state = self.state.lock();
        hands.hand_in(&mut state);
        self.settle(&mut state, &mut hands.now);
        let bodies_left = state.has_bodies();
        let mut more = bodies_left;
        // A guest (the task of a parked node that has ended) becomes a worker while the lane is below its maximum.
        if hands.role == Role::Guest && state.crews[Lane::Async as usize].has_room() {
            state.crews[Lane::Async as usize].workers += 1;
            hands.role = Role::Worker(Lane::Async);
        }
        if let Role::Worker(lane) = hands.role {
            let seat = hands.seat.get_or_insert_with(|| state.crews[lane as usize].sit_down(hands.now)).0;
            let mut engaged = false;
            hands.seen = self.barrier.raised(); // before nodes are taken: taking one may fail it, and cancel the run
            if bodies_left || !state.can_spare(lane, seat, hands.now) {
                engaged = state.take(lane, hands.now, &mut hands.taken);
                let none = hands.taken.is_empty() && lane != Lane::Blocking; // `Blocking` takes one node at a time
                // Nothing is ready: results in the queue of a stuck worker may make nodes ready; stealing comes last.
                if none && self.rescue(&mut state, &mut hands.now) {
                    engaged = state.take(lane, hands.now, &mut hands.taken);
                }
                if none && hands.taken.is_empty() && !state.stopped {
                    // Stolen nodes leave their owner's queue, where a recall would find them. A single node does not
                    // go into a queue again, so its start is recorded now.
                    state.crews[lane as usize].steal(&mut hands.taken);
                    let at = hands.now.max(state.latest);
                    state.record_single(&mut hands.taken, at);
                }
            }
            if state.careful && hands.taken.is_empty() {
                self.settle(&mut state, &mut hands.now); // a node may have failed instead of starting
            }
            more = state.has_bodies() || !hands.taken.is_empty();
            let crew = &mut state.crews[lane as usize];
            crew.take_turn(seat, engaged, hands.taken.len() > 1, hands.now);
            if !more {
                crew.leave(seat);
            }
        }
        self.call_for_help(state, hands.now);
        more
    }

    /// Advances the machine until only nodes or remaining rule bodies can advance it further; ends the run when there
    /// are none.
    pub(crate) fn settle(&self, state: &mut Locked<'_>, now: &mut Time) {
        state.follow(self.tag, *now);
        // While a body runs, the lock is released but the machine must not come to rest: the body may still add
        // nodes. The thread that runs the body settles afterwards.
        while !state.growing && !state.stopped && !self.is_scripted {
            if state.machine.has_due() {
                if state.gate.is_some() {
                    return;
                }
                // Set before `grow` releases the lock, so that no other worker starts a body.
                state.growing = true;
                let left = grow(self, state, now);
                state.growing = false;
                self.grown.notify_all();
                // The body budget is used up. The caller starts more workers if needed and returns to its nodes
                // first.
                if left {
                    return;
                }
            } else if !self.rest(state, *now) {
                return;
            }
        }
    }

    /// Commits the events that are due only when nothing else can happen: closes the lowest open stratum, or ends the
    /// run. Returns `true` if there were any.
    #[inline]
    pub(crate) fn rest(&self, state: &mut State, now: Time) -> bool {
        let now = now.max(state.latest);
        let Some(events) = state.machine.at_rest(now) else { return false };
        if state.gate.is_some() && state.waits_to_end(&events) {
            return false;
        }
        for event in events {
            state.commit(&event);
            if matches!(event, Event::RunEnded { .. }) {
                self.end(state);
            }
        }
        state.follow(self.tag, now);
        true
    }

    /// Starts workers for the nodes and bodies that are still ready, and releases the lock.
    pub(crate) fn call_for_help(self: &Arc<Self>, mut state: Locked<'_>, at: Time) {
        if state.careful {
            self.be_careful(&mut state);
        }
        if state.machine.has_ready() || state.has_bodies() {
            return self.call(state, at);
        }
        state.release();
    }

    /// Starts as many workers as the ready work justifies, or schedules a recheck.
    fn call(self: &Arc<Self>, mut state: Locked<'_>, at: Time) {
        let mut newcomers = [0; 3];
        let mut look = false;
        for lane in Lane::ALL {
            // Workers are counted under the lock and spawned after it is released, so that two threads never start
            // workers for the same nodes.
            match state.help(lane, at) {
                Help::Newcomers(count) => {
                    newcomers[lane as usize] = count;
                    state.crews[lane as usize].workers += count;
                }
                Help::Soon => look = true,
            }
        }
        // A worker that holds several nodes may get stuck in the first: the others must be checked as well. At most
        // one recheck thread per run.
        let look = !state.stopped && (look || state.crews.iter().any(Crew::holds_many));
        let look = look && !std::mem::replace(&mut state.looking, true);
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
            let looks = own_threads::run(&self.runtime, move || {
                let runtime = shared.runtime.clone();
                let _runtime = runtime.enter(); // rule bodies run here, too
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
            // The closure may stay in the pool's queue after another thread has begun the work (see `run_soon`); it
            // must not keep the run alive.
            let shared = Arc::downgrade(&shared);
            let work = move || {
                let Some(shared) = shared.upgrade() else { return };
                let _runtime = shared.runtime.enter();
                shared.turns(&mut Hands::new(Role::Worker(lane), shared.clock.now()));
            };
            run_soon(&self.runtime, work);
        }
    }

    /// Rechecks every millisecond until no node depends on a worker that is expected back soon. Starts workers in
    /// place of those that do not come back.
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
        // Cleared in the same critical section as the last check, so that a later call starts a new recheck.
        state.looking = false;
        if state.careful {
            self.be_careful(&mut state);
        }
        self.call(state, now);
    }

    /// Reports the results of workers that are stuck in another node. Returns `true` if there were any.
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
}
