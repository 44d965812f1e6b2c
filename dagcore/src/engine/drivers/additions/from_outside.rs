//! What is done to a run from outside while it goes on: it is added to, held, and followed.

use super::adding_threads::is_adding;
use crate::dag::Event;
use crate::engine::state::observers::event_streams::{Feed, Following};
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use crate::registry;
use crate::typed::{Batch, Host};
use std::sync::Arc;

impl Shared {
    /// Adds what `body` adds, all of it or nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be added: why not, in words.
    pub(crate) fn append(self: &Arc<Self>, body: &mut dyn FnMut(&mut Batch, &dyn Host)) -> Result<(), String> {
        if is_adding(self) {
            return Err("something is being added on this thread already: add everything at once".to_owned());
        }
        let added = self.add(self.state.lock(), None, body, |state, batch, at| {
            if state.stopped {
                return Err("the run has ended".to_owned());
            }
            if state.machine.is_cancelled() {
                return Err("the run is being cancelled".to_owned());
            }
            if !state.machine.accepts_outside() {
                return Err("the run was sealed with `seal`".to_owned());
            }
            let new = &batch.additions.rules;
            if !new.is_empty() {
                let State { machine, laws, .. } = state;
                let problems = laws.unlawful_with(machine.registered(), new, registry::describe);
                if !problems.is_empty() {
                    return Err(problems.join("; "));
                }
            }
            let admitted = state.admit(batch, None, None, |additions| Event::Added { additions, at });
            admitted.map_err(|refused| refused.why)
        });
        added.and_then(|added| added)
    }

    /// Lets no further node start, or lets them start again.
    pub(crate) fn hold(self: &Arc<Self>, hold: bool) {
        let mut state = self.state.lock();
        match (hold, state.held) {
            (true, None) => (state.held, state.limit) = (Some(state.limit), 0),
            (false, Some(limit)) => (state.held, state.limit) = (None, limit),
            _ => return,
        }
        let mut now = self.now(&state);
        if hold {
            state.recall(now);
            self.settle(&mut state, &mut now);
        }
        self.call_for_help(state, now);
    }

    /// Tells of what happens from now on.
    pub(crate) fn follow(&self) -> Following {
        let feed = Arc::new(Feed::default());
        let mut state = self.state.lock();
        if state.stopped {
            feed.end(state.later.wakers());
        } else {
            state.feeds.push(Arc::clone(&feed));
            state.is_tracked = true;
        }
        Following(feed)
    }
}
