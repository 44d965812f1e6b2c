//! Additions by running nodes, and the queries of a stage's context.

use super::adding_threads::is_adding;
use crate::dag::{Event, NodeId, Time};
use crate::engine::state::shared::Shared;
use crate::port::Listener;
use crate::typed::{Batch, Grows, Host, Inside};
use std::any::Any;
use std::sync::Arc;

/// A running node, as seen by the context of its stage.
pub(crate) struct RunningNode {
    shared: Arc<Shared>,
    node: NodeId,
    started: Time,
    attempt: u32,
}

impl RunningNode {
    /// Creates the part of a stage's context that refers to the run.
    pub(crate) fn inside(
        shared: &Arc<Shared>,
        node: NodeId,
        started: Time,
        attempt: u32,
    ) -> Arc<dyn Any + Send + Sync> {
        Arc::new(Inside(Box::new(Self { shared: Arc::clone(shared), node, started, attempt })))
    }
}

impl RunningNode {
    /// Runs a body and discards its additions; the node fails when its function returns.
    fn spoil(&self, why: String, body: &mut dyn FnMut(&mut Batch, &dyn Host)) {
        let mut state = self.shared.state.lock();
        if !state.stopped && !state.is_stray(self.node, self.attempt) {
            state.spoiled.insert((self.node, self.attempt), why);
        }
        drop(state);
        body(&mut Batch::new(self.shared.tag), &*self.shared);
    }
}

impl Grows for RunningNode {
    fn grow(&self, body: &mut dyn FnMut(&mut Batch, &dyn Host)) {
        let Self { shared, node, started, attempt } = self;
        if is_adding(shared) {
            let why = "`grow` was called inside of `grow`: add everything through the one growth".to_owned();
            return self.spoil(why, body);
        }
        let added = shared.add(shared.state.lock(), Some(*node), body, |state, batch, now| {
            // Additions to a stopped run are discarded, and so are those of an attempt that is no longer wanted.
            if state.stopped || state.is_stray(*node, *attempt) {
                return;
            }
            // A worker that took several nodes may not have recorded the start yet.
            state.announce(*node, *started, false);
            let grown = |additions| Event::Grown { node: *node, additions, at: now };
            if let Err(refused) = state.admit(batch, None, Some(*node), grown) {
                if refused.is_growth_limit() {
                    shared.stop(state, refused.why(), now);
                }
                state.spoiled.insert((*node, *attempt), refused.why());
            }
        });
        if let Err(why) = added {
            self.spoil(why, body);
        }
    }

    fn is_wanted(&self) -> bool {
        let Self { shared, node, attempt, .. } = self;
        // Most runs cancel nothing: the check stays off the lock.
        if !shared.let_go.was_noted() {
            return true;
        }
        let state = shared.state.lock();
        !state.stopped && !state.machine.is_cancelled() && !state.is_stray(*node, *attempt)
    }

    fn cancelled(&self) -> Listener<'_> {
        self.shared.let_go.listen()
    }
}
