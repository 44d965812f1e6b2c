//! Telling those who run that nobody waits for them any more.

use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Told when the result of something that runs is not wanted any more.
#[derive(Default)]
pub(super) struct LetGo {
    told: Notify,
    /// Whether it was ever told: most runs need not look closer.
    ever: AtomicBool,
}

impl LetGo {
    pub(super) fn tell(&self) {
        self.ever.store(true, Ordering::Release);
        self.told.notify_waiters();
    }

    pub(super) fn was_told(&self) -> bool {
        self.ever.load(Ordering::Acquire)
    }

    pub(super) fn told(&self) -> &Notify {
        &self.told
    }
}
