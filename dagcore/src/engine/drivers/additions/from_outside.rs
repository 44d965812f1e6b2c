//! What is done to a run from outside while it goes on: it is added to, held, and followed.

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
    /// Adds what `body` adds, all of it or nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be added.
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
