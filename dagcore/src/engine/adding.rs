//! Adding from a thread of the user's own: by a running node, or by who has the run in the hand.

use super::growing::is_in_body;
use super::locking::Locked;
use super::shared::Shared;
use super::state::State;
use crate::dag::{NodeId, Time};
use crate::typed::{Batch, Host};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

impl Shared {
    /// Whether this thread is adding something already: it cannot wait until that is done.
    pub(super) fn is_adding(&self, state: &State) -> bool {
        state.grower == Some(std::thread::current().id()) || is_in_body(self)
    }

    /// Runs `body` while nobody else adds, and lets `take_in` take in what it added below `above`. One that panics has added
    /// nothing, and panics on.
    pub(super) fn add<R>(
        self: &Arc<Self>,
        mut state: Locked<'_>,
        above: Option<NodeId>,
        body: &mut dyn FnMut(&mut Batch, &dyn Host),
        take_in: impl FnOnce(&mut State, &mut Batch, Time) -> R,
    ) -> R {
        while state.growing {
            state.wait(&self.grown);
        }
        (state.growing, state.grower) = (true, Some(std::thread::current().id()));
        let mut batch = state.spare_batch(self.tag);
        batch.reset(state.machine.graph().len(), above);
        above.iter().for_each(|node| batch.all_need(*node));
        let ran = state.unlocked(|| catch_unwind(AssertUnwindSafe(|| body(&mut batch, &**self))));
        let mut now = self.now(&state);
        let taken_in = ran.map(|()| take_in(&mut state, &mut batch, now));
        if !batch.is_taken_in() {
            state.unlocked(|| batch.discard());
        }
        state.batch = Some(batch);
        (state.growing, state.grower) = (false, None);
        self.grown.notify_all();
        self.settle(&mut state, &mut now);
        self.call_for_help(state, now);
        taken_in.unwrap_or_else(|panic| resume_unwind(panic))
    }
}
