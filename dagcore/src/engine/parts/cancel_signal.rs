//! Notifies what runs that its result is not wanted any more.

use crate::port::{Listener, Signal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

/// Raised when the result of something that runs is not wanted any more.
#[derive(Default)]
pub(crate) struct LetGo {
    signal: Signal,
    /// Whether there was ever anything: most runs need not look closer.
    ever: AtomicBool,
    /// Whether there is something that the signal was not raised for.
    pending: AtomicBool,
}

impl LetGo {
    /// Something is not wanted any more. When many nodes are cancelled, the signal is raised once.
    pub(crate) fn note(&self) {
        self.ever.store(true, Ordering::Release);
        self.pending.store(true, Ordering::Relaxed);
    }

    /// Raises the signal for what was noted.
    pub(crate) fn raise(&self, wakers: &mut Vec<Waker>) {
        if self.pending.swap(false, Ordering::Relaxed) {
            self.signal.raise(wakers);
        }
    }

    pub(crate) fn was_noted(&self) -> bool {
        self.ever.load(Ordering::Acquire)
    }

    pub(crate) fn listen(&self) -> Listener<'_> {
        self.signal.listen()
    }
}
