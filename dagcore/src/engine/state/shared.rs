//! What all workers of a run have in their hands.

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

/// A run as its workers see it.
pub(crate) struct Shared {
    pub(crate) state: StateLock,
    pub(crate) tag: TagId,
    pub(crate) workflow: Arc<str>,
    pub(crate) runtime: Handle,
    pub(crate) clock: Clock,
    /// What runs in place of stages' functions.
    pub(crate) mocks: Option<MocksByStage>,
    /// Whether somebody else decides on each step: then nothing is done here but what follows by itself.
    pub(crate) is_scripted: bool,
    /// Where somebody waits who looks again after a while.
    pub(crate) look: Look,
    /// Where a node waits that wants to add something while a body does.
    pub(crate) grown: Condvar,
    /// Raised when nodes that workers have taken need another look before they begin.
    pub(crate) barrier: Arc<StartBarrier>,
    /// Raised when the timekeeper is to look at the clock earlier.
    pub(crate) earlier: Signal,
    /// Raised when the result of something that runs is not wanted any more.
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
    /// The time, which is not before anything that was handed in.
    pub(crate) fn now(&self, state: &State) -> Time {
        self.clock.now().max(state.latest)
    }

    /// Ends a run before its end, unless it has ended.
    pub(crate) fn stop(&self, state: &mut State, why: String, at: Time) {
        if !state.stopped {
            state.recall(at);
            state.commit(&Event::RunStopped { why, at: at.max(state.latest) });
            state.drop_waiting();
            self.end(state);
        }
    }

    /// Cancels what nobody wants any more. Asked a second time for the whole run, it waits for nothing that runs.
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
        // In the same critical section: a worker that looks again at what it has taken must find it cancelled.
        self.do_what_is_due(state);
    }

    /// Lets nothing more start, and drops what waits, of a run that nothing waits for.
    pub(crate) fn give_up(&self, state: &mut State) {
        if !state.stopped {
            state.recall(state.latest);
        }
        state.drop_waiting();
        self.end(state);
    }

    /// Nothing more happens: everybody is told who waits for something.
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
