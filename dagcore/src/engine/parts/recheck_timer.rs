//! The timer of the recheck thread, which checks whether a worker is stuck.

use parking_lot::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// Waits between rechecks. It has a lock of its own, because the workers need that of the state meanwhile.
#[derive(Default)]
pub(crate) struct Look {
    stopped: Mutex<bool>,
    told: Condvar,
}

impl Look {
    /// Waits for this duration, or until the run is over.
    pub(crate) fn wait(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut stopped = self.stopped.lock();
        // A wake-up may be spurious.
        while !*stopped && !self.told.wait_until(&mut stopped, until).timed_out() {}
    }

    /// Ends the current wait and all later ones.
    pub(crate) fn stop(&self) {
        *self.stopped.lock() = true;
        self.told.notify_all();
    }
}
