//! State shared by the workers and handles of a run, and the operations that end a run.

use super::lock::StateLock;
use super::run_state::State;
use crate::dag::{CancelScope, Event, Key, KeyedNode, NodeId, Prints, StageId, Time};
use crate::engine::parts::cancel_signal::LetGo;
use crate::engine::parts::clock::Clock;
use crate::engine::parts::recheck_timer::Look;
use crate::engine::parts::start_barrier::StartBarrier;
use crate::engine::parts::sync::Condvar;
use crate::port::{MocksByStage, Signal};
use crate::typed::{Host, TagId, View};
use std::any::TypeId;
use std::sync::Arc;
use tokio::runtime::Handle;

/// A run, as its workers and handles share it.
pub(crate) struct Shared {
    pub(crate) state: StateLock,
    pub(crate) tag: TagId,
    pub(crate) workflow: Arc<str>,
    pub(crate) runtime: Handle,
    pub(crate) clock: Clock,
    /// Functions that run in place of those of stages.
    pub(crate) mocks: Option<MocksByStage>,
    /// `true` if the step driver decides on each step. Then settling applies only consequences, and starts no bodies.
    pub(crate) is_scripted: bool,
    /// The timer of the recheck thread.
    pub(crate) look: Look,
    /// Notified when a body has ended; threads that want to add wait on it.
    pub(crate) grown: Condvar,
    /// Raised when nodes that workers have taken must be reviewed before they begin.
    pub(crate) barrier: Arc<StartBarrier>,
    /// Raised when the timekeeper must wake up earlier.
    pub(crate) earlier: Signal,
    /// Raised when the result of a running node is no longer wanted.
    pub(crate) let_go: Arc<LetGo>,
    /// Raised when the run has ended.
    pub(crate) ended: Signal,
}

impl Host for Shared {
    fn keyed(&self, key: Key<'_>, prints: &Prints) -> Option<KeyedNode> {
        self.state.lock().machine.keyed(key, prints)
    }

    fn has_rule(&self, item: TypeId) -> bool {
        self.state.lock().items.contains(&item)
    }

    fn above(&self, node: Option<NodeId>, stage: StageId) -> Option<NodeId> {
        self.state.lock().machine.above(node?, stage)
    }

    fn view(&self, look: &mut dyn FnMut(&View<'_>)) {
        let state = self.state.lock();
        state.call_locked(|| look(&View::new(state.machine.graph(), &state.outputs, self.tag)));
    }
}

impl Shared {
    /// Returns the current time, never earlier than the latest event.
    pub(crate) fn now(&self, state: &State) -> Time {
        self.clock.now().max(state.latest)
    }

    /// Stops the run at once, unless it has ended.
    pub(crate) fn stop(&self, state: &mut State, why: String, at: Time) {
        if !state.stopped {
            state.recall(at);
            state.commit(&Event::RunStopped { why, at: at.max(state.latest) });
            state.drop_waiting();
            self.end(state);
        }
    }

    /// Cancels the nodes in this scope. A second cancellation of the whole run ends the grace period.
    pub(crate) fn cancel(self: &Arc<Self>, what: CancelScope, why: &str) {
        let mut state = self.state.lock();
        if state.stopped {
            return;
        }
        if what == CancelScope::EntireRun && state.machine.is_cancelled() {
            state.attempts.end_grace();
        } else {
            let now = self.now(&state);
            state.cancel(what, why.to_owned(), now);
        }
        // In the same critical section: a worker that reviews the nodes it has taken must find them cancelled.
        self.do_what_is_due(state);
    }

    /// Abandons a run whose handle was dropped: nothing more starts, and parked futures are dropped.
    pub(crate) fn give_up(&self, state: &mut State) {
        if !state.stopped {
            state.recall(state.latest);
        }
        state.drop_waiting();
        self.end(state);
    }

    /// Marks the run as over, and wakes everything that waits for it.
    pub(crate) fn end(&self, state: &mut State) {
        state.stopped = true; // the report may take the machine away before another worker looks
        state.end_feeds();
        self.look.stop();
        let State { later, gate, .. } = state;
        gate.iter().for_each(|gate| gate.told.raise(later.wakers()));
        self.earlier.raise(later.wakers());
        self.ended.raise(later.wakers());
    }
}
