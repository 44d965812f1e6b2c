//! What a running node adds to the graph.

use super::growing::is_in_body;
use super::shared::Shared;
use crate::dag::{Event, NodeId, Time};
use crate::typed::{Batch, Grows, Host, Inside};
use parking_lot::MutexGuard;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use tokio::sync::Notify;

/// A node, as its stage's context sees it.
pub(super) struct RunningNode {
    shared: Arc<Shared>,
    node: NodeId,
    started: Time,
}

impl RunningNode {
    pub(super) fn inside(shared: &Arc<Shared>, node: NodeId, started: Time) -> Arc<dyn Any + Send + Sync> {
        Arc::new(Inside(Box::new(Self { shared: Arc::clone(shared), node, started })))
    }
}

impl Grows for RunningNode {
    fn grow(&self, body: &mut dyn FnMut(&mut Batch, &dyn Host)) {
        let Self { shared, node, started } = self;
        let here = std::thread::current().id();
        let mut state = shared.state.lock();
        if state.grower == Some(here) || is_in_body(shared) {
            let why = "`grow` was called inside of `grow`: add everything through the one growth".to_owned();
            state.spoiled.insert(*node, why);
            return MutexGuard::unlocked(&mut state, || body(&mut Batch::new(shared.tag), &**shared));
        }
        while state.growing {
            shared.grown.wait(&mut state);
        }
        (state.growing, state.grower) = (true, Some(here));
        let mut batch = state.spare_batch(shared.tag);
        batch.reset(state.machine.graph().len(), Some(*node));
        batch.all_need(*node);
        let ran = MutexGuard::unlocked(&mut state, || catch_unwind(AssertUnwindSafe(|| body(&mut batch, &**shared))));
        let mut now = shared.clock.now();
        // A run that was stopped meanwhile takes in nothing more, nor does one from an attempt that nobody waits for any
        // more; and a body that panicked added nothing.
        if ran.is_ok() && !state.stopped && !state.is_stray(*node, *started) {
            state.announce(*node, *started, false);
            let grown = |additions| Event::Grown { node: *node, additions, at: now };
            if let Err(refused) = state.admit(&mut batch, None, Some(*node), grown) {
                if refused.too_far {
                    shared.stop(&mut state, refused.why.clone(), now);
                }
                state.spoiled.insert(*node, refused.why);
            }
        }
        if !batch.is_taken_in() {
            MutexGuard::unlocked(&mut state, || batch.discard());
        }
        state.batch = Some(batch);
        (state.growing, state.grower) = (false, None);
        shared.grown.notify_all();
        shared.settle(&mut state, &mut now);
        shared.call_for_help(state, now);
        if let Err(panic) = ran {
            resume_unwind(panic);
        }
    }

    fn is_wanted(&self) -> bool {
        let Self { shared, node, started } = self;
        if !shared.let_go.was_told() {
            return true;
        }
        let state = shared.state.lock();
        !state.stopped && !state.machine.is_cancelled() && !state.is_stray(*node, *started)
    }

    fn let_go(&self) -> &Notify {
        self.shared.let_go.told()
    }
}
