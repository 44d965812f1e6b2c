//! What is done to a run from outside while it goes on: it is added to, held, and followed.

use super::feed::{Feed, Following};
use super::growing::is_in_body;
use super::shared::Shared;
use crate::dag::{Event, RuleSpec, unlawful};
use crate::registry;
use crate::typed::{Batch, Host};
use parking_lot::MutexGuard;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

impl Shared {
    /// Adds what `body` adds, all of it or nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be added: why not, in words.
    pub(super) fn append(self: &Arc<Self>, body: &mut dyn FnMut(&mut Batch, &dyn Host)) -> Result<(), String> {
        let here = std::thread::current().id();
        let mut state = self.state.lock();
        if state.grower == Some(here) || is_in_body(self) {
            return Err("something is being added on this thread already: add everything at once".to_owned());
        }
        while state.growing {
            self.grown.wait(&mut state);
        }
        (state.growing, state.grower) = (true, Some(here));
        let mut batch = state.spare_batch(self.tag);
        batch.reset(state.machine.graph().len(), None);
        let ran = MutexGuard::unlocked(&mut state, || catch_unwind(AssertUnwindSafe(|| body(&mut batch, &**self))));
        let mut now = self.now(&state);
        let mut added = Ok(());
        if ran.is_ok() {
            let rules: Vec<RuleSpec> = if batch.additions.rules.is_empty() {
                Vec::new()
            } else {
                state.machine.rule_specs().chain(&batch.additions.rules).cloned().collect()
            };
            let problems = unlawful(&rules, [], registry::describe);
            added = if state.stopped {
                Err("the run has ended".to_owned())
            } else if state.machine.is_cancelled() {
                Err("the run is being cancelled".to_owned())
            } else if !problems.is_empty() {
                Err(problems.join("; "))
            } else {
                state
                    .admit(&mut batch, None, None, |additions| Event::Added { additions })
                    .map_err(|refused| refused.why)
            };
        }
        if !batch.is_taken_in() {
            MutexGuard::unlocked(&mut state, || batch.discard());
        }
        state.batch = Some(batch);
        (state.growing, state.grower) = (false, None);
        self.grown.notify_all();
        self.settle(&mut state, &mut now);
        self.call_for_help(state, now);
        match ran {
            Ok(()) => added,
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Lets no further node start, or lets them start again.
    pub(super) fn hold(self: &Arc<Self>, hold: bool) {
        let mut state = self.state.lock();
        match (hold, state.held) {
            (true, None) => (state.held, state.limit) = (Some(state.limit), 0),
            (false, Some(limit)) => (state.held, state.limit) = (None, limit),
            _ => return,
        }
        let now = self.now(&state);
        self.call_for_help(state, now);
    }

    /// Tells of what happens from now on.
    pub(super) fn follow(&self) -> Following {
        let feed = Arc::new(Feed::default());
        let mut state = self.state.lock();
        if state.stopped {
            feed.end();
        } else {
            state.feeds.push(Arc::clone(&feed));
            state.is_tracked = true;
        }
        Following(feed)
    }
}
