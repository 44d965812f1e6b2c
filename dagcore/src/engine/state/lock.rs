//! The lock of a run's state, and the deferral of actions until it is released.
//!
//! While the lock is held, actions that may run code of the program are moved to
//! [`Later`](crate::engine::parts::after_unlock::Later); releasing the lock wakes the wakers and drops the rest. Code
//! of the program therefore never runs under the lock, except where its documentation says so (predicates, rankings,
//! `retry_if`).

use super::run_state::State;
use crate::engine::parts::locked_calls::{call_locked, refuse_from_inside};
use crate::engine::parts::sync::{Condvar, Mutex, MutexGuard};
use std::ops::{Deref, DerefMut};

/// The state of a run behind its lock.
pub(crate) struct StateLock(Mutex<State>);

impl StateLock {
    pub(crate) fn new(state: State) -> Self {
        Self(Mutex::new(state))
    }

    /// Acquires the lock.
    ///
    /// # Panics
    ///
    /// When called from a closure that runs under this lock.
    #[inline]
    pub(crate) fn lock(&self) -> Locked<'_> {
        // The check for a call from inside is off the hot path: such a call always finds the lock taken.
        Locked(self.0.try_lock().unwrap_or_else(|| self.wait_for_lock()))
    }

    #[cold]
    fn wait_for_lock(&self) -> MutexGuard<'_, State> {
        refuse_from_inside(self.0.data_ptr().addr());
        self.0.lock()
    }

    /// Acquires the lock if it is free.
    #[inline]
    pub(crate) fn try_lock(&self) -> Option<Locked<'_>> {
        self.0.try_lock().map(Locked)
    }
}

impl State {
    /// Runs a closure of the program while this state is locked: a closure that uses the handle of its own run panics
    /// instead of deadlocking.
    pub(crate) fn call_locked<R>(&self, closure: impl FnOnce() -> R) -> R {
        call_locked(std::ptr::from_ref(self).addr(), closure)
    }
}

/// A guard: the state while its lock is held.
pub(crate) struct Locked<'a>(MutexGuard<'a, State>);

impl Locked<'_> {
    /// Releases the lock while `run` runs, and performs the deferred actions before.
    #[inline]
    pub(crate) fn unlocked<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.flush();
        MutexGuard::unlocked(&mut self.0, run)
    }

    /// Releases the lock. Unlike dropping the guard, this does not take the lock again after the deferred actions.
    #[inline]
    pub(crate) fn release(self) {
        if self.0.later.any {
            self.release_and_run();
        }
    }

    fn release_and_run(mut self) {
        let later = std::mem::take(&mut self.0.later);
        drop(self);
        later.run();
    }

    /// Waits on a condition variable, with the lock released meanwhile. Wake-ups may be spurious.
    pub(crate) fn wait(&mut self, condition: &Condvar) {
        if self.0.later.any {
            return self.flush_now(); // the condition may have changed: the caller checks it again
        }
        condition.wait(&mut self.0);
    }

    /// Waits on a condition variable until the given time at the latest. Wake-ups may be spurious.
    pub(crate) fn wait_until(&mut self, condition: &Condvar, until: std::time::Instant) {
        if self.0.later.any {
            return self.flush_now();
        }
        condition.wait_until(&mut self.0, until);
    }

    #[inline]
    fn flush(&mut self) {
        if self.0.later.any {
            self.flush_now();
        }
    }

    #[cold]
    fn flush_now(&mut self) {
        // Unlike `release`, this takes the lock again: the guard lives on.
        let later = std::mem::take(&mut self.0.later);
        MutexGuard::unlocked(&mut self.0, || later.run());
    }
}

impl Deref for Locked<'_> {
    type Target = State;

    #[inline]
    fn deref(&self) -> &State {
        &self.0
    }
}

impl DerefMut for Locked<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut State {
        &mut self.0
    }
}

impl Drop for Locked<'_> {
    #[inline]
    fn drop(&mut self) {
        self.flush(); // hot paths call `release` instead
    }
}
