//! Adding from a thread of the program: by a running node, or through the handle of the run.

use super::adding_threads::{Adder, wait_for_others};
use crate::dag::{NodeId, Time};
use crate::engine::state::lock::Locked;
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use crate::typed::{Batch, Host};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

impl Shared {
    /// Runs `body` while no other thread adds, and then `take_in`, which admits what it added below `above`. If
    /// `body` panics, nothing is added, and the panic is resumed.
    ///
    /// # Errors
    ///
    /// When waiting would deadlock; `body` has not run then.
    pub(crate) fn add<R>(
        self: &Arc<Self>,
        mut state: Locked<'_>,
        above: Option<NodeId>,
        body: &mut dyn FnMut(&mut Batch, &dyn Host),
        take_in: impl FnOnce(&mut State, &mut Batch, Time) -> R,
    ) -> Result<R, String> {
        wait_for_others(self, &mut state)?;
        state.growing = true;
        let mut batch = state.spare_batch(self.tag);
        batch.reset(state.machine.graph().len(), above);
        above.iter().for_each(|node| batch.all_need(*node));
        let ran = state.unlocked(|| {
            let _adds = Adder::to(self);
            catch_unwind(AssertUnwindSafe(|| body(&mut batch, &**self)))
        });
        let mut now = self.now(&state);
        state.latest = now;
        // The state is restored and other threads are notified before a panic is resumed.
        let taken_in = ran.map(|()| take_in(&mut state, &mut batch, now));
        if !batch.is_taken_in() {
            state.unlocked(|| batch.discard());
        }
        state.batch = Some(batch);
        state.growing = false;
        self.grown.notify_all();
        self.settle(&mut state, &mut now);
        self.call_for_help(state, now);
        Ok(taken_in.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}
