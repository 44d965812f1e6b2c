//! Telling those who run that nobody waits for them any more.

use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Told when the result of something that runs is not wanted any more.
#[derive(Default)]
pub(super) struct LetGo {
    told: Notify,
    /// Whether there was ever anything to tell: most runs need not look closer.
    ever: AtomicBool,
    /// Whether there is something that was not told yet.
    untold: AtomicBool,
}

impl LetGo {
    /// Something is not wanted any more. Whoever cancels many nodes tells it once.
    pub(super) fn note(&self) {
        self.ever.store(true, Ordering::Release);
        self.untold.store(true, Ordering::Relaxed);
    }

    /// Tells what was noted.
    pub(super) fn tell(&self) {
        if self.untold.swap(false, Ordering::Relaxed) {
            self.told.notify_waiters();
        }
    }

    pub(super) fn was_told(&self) -> bool {
        self.ever.load(Ordering::Acquire)
    }

    pub(super) fn told(&self) -> &Notify {
        &self.told
    }
}
