//! Waiting a while before looking again whether somebody is stuck.

use parking_lot::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// Where somebody waits who looks again after a while; apart from the state, which the workers need meanwhile.
#[derive(Default)]
pub(crate) struct Look {
    stopped: Mutex<bool>,
    told: Condvar,
}

impl Look {
    /// Waits for so long, or until there is nothing left to look at.
    pub(crate) fn wait(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut stopped = self.stopped.lock();
        while !*stopped && !self.told.wait_until(&mut stopped, until).timed_out() {}
    }

    /// Nobody needs to look any more.
    pub(crate) fn stop(&self) {
        *self.stopped.lock() = true;
        self.told.notify_all();
    }
}
