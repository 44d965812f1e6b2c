//! The time of a run.

use crate::dag::Time;
use std::time::Duration;
use tokio::time::Instant;

/// Counts from the run's beginning. Tokio's clock, so that a test can stop it.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// The moment on the runtime's clock; far away is as good as never.
    pub(crate) fn instant(self, at: Time) -> Instant {
        const FAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
        self.start + at.since_start().min(self.start.elapsed() + FAR)
    }

    #[inline]
    pub(crate) fn now(self) -> Time {
        Time::after(self.start.elapsed())
    }
}
