//! The worker's loop: hand in, take, run, and again.

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

/// How long a worker keeps the thread before it lets the runtime see to timers and other tasks.
const SLICE: Duration = Duration::from_micros(500);
/// And how many turns it takes at the most, for a clock that a test has stopped.
const TURNS: usize = 1_000;
/// How long a node may wait for a worker who is expected at once.
const PATIENCE: Duration = Duration::from_millis(1);

impl Shared {
    /// Works until nothing is left to take. The caller has been counted as a worker of the async lane.
    pub(crate) async fn work(self: &Arc<Self>) {
        self.work_with(Hands::new(Role::Worker(Lane::Async), self.clock.now())).await;
    }

    pub(crate) async fn work_with(self: &Arc<Self>, mut hands: Hands) {
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
        hands.hand_in(&mut state);
        self.settle(&mut state, &mut hands.now);
        if let (Role::Worker(lane), Some((seat, _))) = (hands.role, &hands.seat) {
            state.crews[lane as usize].take_turn(*seat, false, false, hands.now); // it holds nothing now
        }
        self.call_for_help(state, hands.now); // it may be long before this task is polled again
        true
    }

    /// Hands in what is finished, lets follow what follows, and takes what comes next. Whether there is more to do.
    fn turn(self: &Arc<Self>, hands: &mut Hands) -> bool {
        let mut state = self.state.lock();
        hands.hand_in(&mut state);
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
            hands.seen = self.barrier.raised(); // before nodes are taken: taking one may fail it, and cancel the run
            if bodies_left || !state.can_spare(lane, seat, hands.now) {
                engaged = state.take(lane, hands.now, &mut hands.taken);
                let none = hands.taken.is_empty() && lane != Lane::Blocking; // who blocks takes one node at a time
                if none && self.rescue(&mut state, &mut hands.now) {
                    engaged = state.take(lane, hands.now, &mut hands.taken);
                }
                if none && hands.taken.is_empty() && !state.stopped {
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

    /// Brings the machine to where only nodes, or the bodies that are left, can move it on; ends the run when there
    /// are none.
    pub(crate) fn settle(&self, state: &mut Locked<'_>, now: &mut Time) {
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

    /// Starts workers for what is still ready.
    pub(crate) fn call_for_help(self: &Arc<Self>, mut state: Locked<'_>, at: Time) {
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
            run_soon(&self.runtime, work);
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
}
