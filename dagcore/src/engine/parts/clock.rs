//! The clock of a run.

use crate::dag::Time;
use std::time::Duration;
use tokio::time::Instant;

/// Measures time from the beginning of the run, on tokio's clock, which a test can pause.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    /// Starts the clock of a run.
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Converts to an instant of the runtime's clock; a time that is far away is clamped to about a year.
    pub(crate) fn instant(self, at: Time) -> Instant {
        const FAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
        self.start + at.since_start().min(self.start.elapsed() + FAR)
    }

    /// Returns the time since the run began.
    #[inline]
    pub(crate) fn now(self) -> Time {
        Time::after(self.start.elapsed())
    }
}
