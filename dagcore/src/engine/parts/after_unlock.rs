//! What is done once the lock of a run is released.
//!
//! Wakers, outputs, jobs and the payloads of panics belong to the program: waking or dropping them may run any code, also code
//! that queries the run.

use crate::dag::quietly;
use crate::port::{Job, StageResult, wake};
use std::any::Any;
use std::task::Waker;
use tokio::sync::oneshot::Sender;

/// What is done once the lock is released.
#[derive(Default)]
pub(crate) struct Later {
    /// Whether there is anything.
    pub(crate) any: bool,
    wakers: Vec<Waker>,
    outputs: Vec<StageResult>,
    jobs: Vec<Box<dyn Job>>,
    payloads: Vec<Box<dyn Any + Send>>,
    stopped: Vec<Sender<()>>,
}

impl Later {
    /// Returns the wakers that will be woken.
    pub(crate) fn wakers(&mut self) -> &mut Vec<Waker> {
        self.any = true;
        &mut self.wakers
    }

    /// Drops an output later.
    #[inline]
    pub(crate) fn drop_output(&mut self, output: StageResult) {
        self.any = true;
        self.outputs.push(output);
    }

    /// Drops a job later.
    pub(crate) fn drop_job(&mut self, job: Box<dyn Job>) {
        self.any = true;
        self.jobs.push(job);
    }

    /// Drops the payload of a panic later.
    pub(crate) fn drop_payload(&mut self, payload: Box<dyn Any + Send>) {
        self.any = true;
        self.payloads.push(payload);
    }

    /// Stops a task later: it drops its future.
    pub(crate) fn stop(&mut self, task: Sender<()>) {
        self.any = true;
        self.stopped.push(task);
    }

    pub(crate) fn run(self) {
        let Self { any: _, wakers, outputs, jobs, payloads, stopped } = self;
        outputs.into_iter().for_each(quietly);
        jobs.into_iter().for_each(quietly);
        payloads.into_iter().for_each(quietly);
        drop(stopped);
        wake(wakers); // last, so that a task that waits for the end finds everything dropped
    }
}
