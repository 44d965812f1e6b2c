//! The time of a run.

use crate::dag::Time;
use tokio::time::Instant;

/// Counts from the run's beginning. Tokio's clock, so that a test can stop it.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    start: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { start: Instant::now() }
    }

    #[inline]
    pub(super) fn now(self) -> Time {
        Time::after(self.start.elapsed())
    }
}
