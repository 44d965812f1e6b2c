//! A signal to running nodes that their results are no longer wanted.

use crate::port::{Listener, Signal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

/// Raised when the result of a running node is no longer wanted.
#[derive(Default)]
pub(crate) struct LetGo {
    signal: Signal,
    /// `true` once anything was cancelled: most runs skip the exact check, which needs the lock.
    ever: AtomicBool,
    /// `true` if a cancellation was noted and the signal was not raised for it yet.
    pending: AtomicBool,
}

impl LetGo {
    /// Notes a cancellation. When many nodes are cancelled together, the signal is raised once.
    pub(crate) fn note(&self) {
        self.ever.store(true, Ordering::Release);
        self.pending.store(true, Ordering::Relaxed);
    }

    /// Raises the signal if a cancellation was noted.
    pub(crate) fn raise(&self, wakers: &mut Vec<Waker>) {
        if self.pending.swap(false, Ordering::Relaxed) {
            self.signal.raise(wakers);
        }
    }

    /// Returns `true` if anything was ever cancelled.
    pub(crate) fn was_noted(&self) -> bool {
        self.ever.load(Ordering::Acquire)
    }

    /// Returns a future that completes when the signal is raised.
    pub(crate) fn listen(&self) -> Listener<'_> {
        self.signal.listen()
    }
}
