//! The lock of a run's state, and what waits until it is released.
//!
//! Wakers, outputs, jobs and the payloads of panics belong to the program: waking or dropping them may run any code, also code
//! that queries the run. Under the lock they are only moved to [`Later`]; releasing the lock wakes and drops them. So code of
//! the program never runs under the lock, except where its documentation says so (predicates, rankings, `retry_if`).

use super::state::State;
use crate::dag::quietly;
use crate::port::{Job, StageResult, wake};
use parking_lot::{Mutex, MutexGuard};
use std::any::Any;
use std::ops::{Deref, DerefMut};
use std::task::Waker;
use tokio::sync::oneshot::Sender;

/// The state of a run behind its lock.
pub(super) struct StateLock(Mutex<State>);

/// What is done once the lock is released.
#[derive(Default)]
pub(super) struct Later {
    /// Whether there is anything.
    pub(super) any: bool,
    wakers: Vec<Waker>,
    outputs: Vec<StageResult>,
    jobs: Vec<Box<dyn Job>>,
    payloads: Vec<Box<dyn Any + Send>>,
    stopped: Vec<Sender<()>>,
}

impl Later {
    /// These are woken.
    pub(super) fn wakers(&mut self) -> &mut Vec<Waker> {
        self.any = true;
        &mut self.wakers
    }

    /// An output that nothing reads any more is dropped.
    #[inline]
    pub(super) fn drop_output(&mut self, output: StageResult) {
        self.any = true;
        self.outputs.push(output);
    }

    /// A job that is not needed is dropped.
    pub(super) fn drop_job(&mut self, job: Box<dyn Job>) {
        self.any = true;
        self.jobs.push(job);
    }

    /// The payload of a panic is dropped.
    pub(super) fn drop_payload(&mut self, payload: Box<dyn Any + Send>) {
        self.any = true;
        self.payloads.push(payload);
    }

    /// The task behind this drops its future.
    pub(super) fn stop(&mut self, task: Sender<()>) {
        self.any = true;
        self.stopped.push(task);
    }

    pub(super) fn run(self) {
        let Self { any: _, wakers, outputs, jobs, payloads, stopped } = self;
        outputs.into_iter().for_each(quietly);
        jobs.into_iter().for_each(quietly);
        payloads.into_iter().for_each(quietly);
        drop(stopped);
        wake(wakers); // last, so that who waits for the end of the run finds everything dropped
    }
}

impl StateLock {
    pub(super) fn new(state: State) -> Self {
        Self(Mutex::new(state))
    }

    #[inline]
    pub(super) fn lock(&self) -> Locked<'_> {
        Locked(self.0.lock())
    }

    #[inline]
    pub(super) fn try_lock(&self) -> Option<Locked<'_>> {
        self.0.try_lock().map(Locked)
    }
}

/// The state while its lock is held.
pub(super) struct Locked<'a>(MutexGuard<'a, State>);

impl Locked<'_> {
    /// Runs this while the lock is released.
    #[inline]
    pub(super) fn unlocked<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.flush();
        MutexGuard::unlocked(&mut self.0, run)
    }

    /// Releases the lock for good. The same as dropping this, but that the lock is not taken again in between.
    #[inline]
    pub(super) fn release(self) {
        if self.0.later.any {
            self.release_and_run();
        }
    }

    fn release_and_run(mut self) {
        let later = std::mem::take(&mut self.0.later);
        drop(self);
        later.run();
    }

    /// Waits on a condition, while the lock is released.
    pub(super) fn wait(&mut self, condition: &parking_lot::Condvar) {
        self.flush();
        condition.wait(&mut self.0);
    }

    /// The same, until then at the latest.
    pub(super) fn wait_until(&mut self, condition: &parking_lot::Condvar, until: std::time::Instant) {
        self.flush();
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
        self.flush(); // hot paths release the lock for good instead
    }
}
