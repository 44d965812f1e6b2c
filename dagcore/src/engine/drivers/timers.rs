//! The timekeeper: a task that wakes the run when something is due although no node ends, such as the end of a
//! backoff or a timeout.

use crate::dag::Time;
use crate::engine::state::lock::Locked;
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::time::timeout_at;

impl Shared {
    /// Starts or wakes the timekeeper, raises the cancellation signal and notifies the decider. Only runs with
    /// timers, limits, cancellations or a gate need it.
    #[cold]
    pub(crate) fn be_careful(self: &Arc<Self>, state: &mut Locked<'_>) {
        self.keep_time(state);
        let State { later, gate, .. } = &mut **state;
        self.let_go.raise(later.wakers());
        gate.iter().for_each(|gate| gate.told.raise(later.wakers()));
    }

    /// Ensures that the timekeeper is awake when the next timer is due.
    fn keep_time(self: &Arc<Self>, state: &mut State) {
        let Some(wake) = state.wakes().filter(|_| !self.is_scripted && !state.stopped) else { return };
        match state.timekeeper {
            Some(awake) if awake <= wake => {}
            // It sleeps too long: its next look at the timers must come earlier.
            Some(_) => {
                state.timekeeper = Some(wake);
                self.earlier.raise(state.later.wakers());
            }
            None => {
                state.timekeeper = Some(wake);
                let shared = Arc::clone(self);
                self.runtime.spawn(async move { shared.watch_the_clock().await });
            }
        }
    }

    /// The loop of the timekeeper. Ends when no timer is left.
    async fn watch_the_clock(self: Arc<Self>) {
        loop {
            let earlier = self.earlier.listen(); // before the check, so that no change is missed
            let Some(wake) = self.next_wake() else { return };
            // A runtime without timers panics here, and it cannot be queried for them before.
            let sleep = || timeout_at(self.clock.instant(wake), earlier);
            match catch_unwind(AssertUnwindSafe(sleep)) {
                Ok(sleep) => drop(sleep.await),
                Err(_) => return self.stop(&mut self.state.lock(), NO_TIMERS.to_owned(), self.clock.now()),
            }
            self.look_at_the_clock();
        }
    }

    /// Returns the time of the next timer; `None` when there is none. Under the same lock it records whether the
    /// timekeeper continues, so `keep_time` starts a new one if needed.
    fn next_wake(&self) -> Option<Time> {
        let mut state = self.state.lock();
        state.timekeeper = if state.stopped { None } else { state.wakes() };
        state.timekeeper
    }

    /// Handles everything that is due.
    pub(crate) fn look_at_the_clock(self: &Arc<Self>) {
        self.do_what_is_due(self.state.lock());
    }

    /// Handles everything that is due, with the lock held, and releases it.
    pub(crate) fn do_what_is_due(self: &Arc<Self>, mut state: Locked<'_>) {
        let mut now = self.now(&state);
        state.on_time(now);
        self.settle(&mut state, &mut now);
        self.call_for_help(state, now);
    }
}

/// Why a run with timers is stopped in a runtime without them.
pub(crate) const NO_TIMERS: &str = "something is to be timed, and the tokio runtime has no timers: build it with `enable_time()` or \
                         `enable_all()`";
