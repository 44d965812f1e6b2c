//! Actions that are deferred until the lock of a run is released.
//!
//! Wakers, outputs, jobs and panic payloads belong to the program: waking or dropping them may run arbitrary code,
//! including code that queries the run and takes its lock. `state::lock` runs the actions.

use crate::dag::quietly;
use crate::port::{Job, StageResult, wake};
use std::any::Any;
use std::task::Waker;
use tokio::sync::oneshot::Sender;

/// Wake-ups and drops that are deferred until the lock is released.
#[derive(Default)]
pub(crate) struct Later {
    /// `true` if anything is deferred: one check on the hot path instead of five.
    pub(crate) any: bool,
    wakers: Vec<Waker>,
    outputs: Vec<StageResult>,
    jobs: Vec<Box<dyn Job>>,
    payloads: Vec<Box<dyn Any + Send>>,
    stopped: Vec<Sender<()>>,
}

impl Later {
    /// Returns the list of wakers to be woken.
    pub(crate) fn wakers(&mut self) -> &mut Vec<Waker> {
        self.any = true;
        &mut self.wakers
    }

    /// Defers the drop of an output.
    #[inline]
    pub(crate) fn drop_output(&mut self, output: StageResult) {
        self.any = true;
        self.outputs.push(output);
    }

    /// Defers the drop of a job.
    pub(crate) fn drop_job(&mut self, job: Box<dyn Job>) {
        self.any = true;
        self.jobs.push(job);
    }

    /// Defers the drop of a panic payload.
    pub(crate) fn drop_payload(&mut self, payload: Box<dyn Any + Send>) {
        self.any = true;
        self.payloads.push(payload);
    }

    /// Defers stopping a task, which then drops its future.
    pub(crate) fn stop(&mut self, task: Sender<()>) {
        self.any = true;
        self.stopped.push(task);
    }

    /// Performs the deferred actions. Called without the lock.
    pub(crate) fn run(self) {
        let Self { any: _, wakers, outputs, jobs, payloads, stopped } = self;
        outputs.into_iter().for_each(quietly);
        jobs.into_iter().for_each(quietly);
        payloads.into_iter().for_each(quietly);
        drop(stopped);
        wake(wakers); // last, so that a task woken by the end of the run finds everything dropped
    }
}
