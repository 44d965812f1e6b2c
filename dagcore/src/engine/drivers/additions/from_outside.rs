//! Operations of the run's handle on a running workflow: append, hold, and follow.

use super::adding_threads::is_adding;
use crate::dag::Event;
use crate::engine::state::insert_additions::NotAdmitted;
use crate::engine::state::observers::event_streams::{Feed, Following};
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use crate::error::AppendErrorKind;
use crate::registry;
use crate::typed::{Batch, Host};
use std::sync::Arc;

impl Shared {
    /// Adds everything that `body` adds, or nothing.
    ///
    /// # Errors
    ///
    /// When the additions are refused.
    pub(crate) fn append(self: &Arc<Self>, body: &mut dyn FnMut(&mut Batch, &dyn Host)) -> Result<(), AppendErrorKind> {
        if is_adding(self) {
            return Err(AppendErrorKind::AlreadyAdding);
        }
        let added = self.add(self.state.lock(), None, body, |state, batch, at| {
            if state.stopped {
                return Err(AppendErrorKind::Ended);
            }
            if state.machine.is_cancelled() {
                return Err(AppendErrorKind::Cancelled);
            }
            if !state.machine.accepts_outside() {
                return Err(AppendErrorKind::Sealed);
            }
            let new = &batch.additions.rules;
            if !new.is_empty() {
                let State { machine, laws, .. } = state;
                let problems = laws.unlawful_with(machine.registered(), new, registry::describe);
                if !problems.is_empty() {
                    return Err(AppendErrorKind::UnlawfulRules(problems));
                }
            }
            let admitted = state.admit(batch, None, None, |additions| Event::Added { additions, at });
            admitted.map_err(|refused| match refused {
                NotAdmitted::Invalid(problems) => AppendErrorKind::Invalid(problems),
                NotAdmitted::GrowthLimit(why) => AppendErrorKind::GrowthLimit(why),
                NotAdmitted::Refused(refused) => AppendErrorKind::Refused(refused),
            })
        });
        added.map_err(AppendErrorKind::Deadlock)?
    }

    /// Puts the run on hold, or resumes it. While it is on hold, no further node starts.
    pub(crate) fn hold(self: &Arc<Self>, hold: bool) {
        let mut state = self.state.lock();
        match (hold, state.held) {
            (true, None) => (state.held, state.limit) = (Some(state.limit), 0),
            (false, Some(limit)) => (state.held, state.limit) = (None, limit),
            _ => return,
        }
        let mut now = self.now(&state);
        // Nodes that workers have taken must not begin either.
        if hold {
            state.recall(now);
            self.settle(&mut state, &mut now);
        }
        self.call_for_help(state, now);
    }

    /// Returns a stream of the events from now on.
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
