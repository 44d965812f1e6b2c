//! What a running node adds to the graph.

use super::adding_threads::is_adding;
use crate::dag::{Event, NodeId, Time};
use crate::engine::state::shared::Shared;
use crate::port::Listener;
use crate::typed::{Batch, Grows, Host, Inside};
use std::any::Any;
use std::sync::Arc;

/// A node, as its stage's context sees it.
pub(crate) struct RunningNode {
    shared: Arc<Shared>,
    node: NodeId,
    started: Time,
    attempt: u32,
}

impl RunningNode {
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
    /// Lets a body run whose additions are not taken in, and fails the node when its function returns.
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
            // A run that was stopped meanwhile takes in nothing more, nor does one from an attempt that nobody waits for
            // any more.
            if state.stopped || state.is_stray(*node, *attempt) {
                return;
            }
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
