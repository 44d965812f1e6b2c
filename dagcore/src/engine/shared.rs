//! What all workers of a run have in their hands.

use super::clock::Clock;
use super::let_go::LetGo;
use super::locking::StateLock;
use super::look::Look;
use super::start_barrier::StartBarrier;
use super::state::State;
use super::sync::Condvar;
use crate::dag::{CancelScope, Event, Key, KeyedNode, NodeId, Prints, StageId, Time};
use crate::port::{MocksByStage, Signal};
use crate::typed::{Host, TagId, View};
use std::any::TypeId;
use std::sync::Arc;
use tokio::runtime::Handle;

/// A run as its workers see it.
pub(super) struct Shared {
    pub(super) state: StateLock,
    pub(super) tag: TagId,
    pub(super) workflow: Arc<str>,
    pub(super) runtime: Handle,
    pub(super) clock: Clock,
    /// What runs in place of stages' functions.
    pub(super) mocks: Option<MocksByStage>,
    /// Whether somebody else decides on each step: then nothing is done here but what follows by itself.
    pub(super) is_scripted: bool,
    /// Where somebody waits who looks again after a while.
    pub(super) look: Look,
    /// Where a node waits that wants to add something while a body does.
    pub(super) grown: Condvar,
    /// Raised when nodes that workers have taken need another look before they begin.
    pub(super) barrier: Arc<StartBarrier>,
    /// Raised when the timekeeper is to look at the clock earlier.
    pub(super) earlier: Signal,
    /// Raised when the result of something that runs is not wanted any more.
    pub(super) let_go: Arc<LetGo>,
    /// Raised when the run has ended.
    pub(super) ended: Signal,
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
    /// The time, which is not before anything that was handed in.
    pub(super) fn now(&self, state: &State) -> Time {
        self.clock.now().max(state.latest)
    }

    /// Ends a run before its end, unless it has ended.
    pub(super) fn stop(&self, state: &mut State, why: String, at: Time) {
        if !state.stopped {
            state.recall(at);
            state.tell(&Event::RunStopped { why, at: at.max(state.latest) });
            state.drop_waiting();
            self.end(state);
        }
    }

    /// Cancels what nobody wants any more. Asked a second time for the whole run, it waits for nothing that runs.
    pub(super) fn cancel(self: &Arc<Self>, what: CancelScope, why: &str) {
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
        // In the same critical section: a worker that looks again at what it has taken must find it cancelled.
        self.do_what_is_due(state);
    }

    /// Lets nothing more start, and drops what waits, of a run that nothing waits for.
    pub(super) fn give_up(&self, state: &mut State) {
        if !state.stopped {
            state.recall(state.latest);
        }
        state.drop_waiting();
        self.end(state);
    }

    /// Nothing more happens: everybody is told who waits for something.
    pub(super) fn end(&self, state: &mut State) {
        state.stopped = true; // the report may take the machine away before another worker looks
        state.end_feeds();
        self.look.stop();
        let State { later, gate, .. } = state;
        gate.iter().for_each(|gate| gate.told.raise(later.wakers()));
        self.earlier.raise(later.wakers());
        self.ended.raise(later.wakers());
    }
}
