//! Waiting for a run in which nothing can be done, until it is certain that nothing will ever come.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Sleep, sleep};

/// Virtual time passes in no time, so any timer of a stage that is to be waited for fires before this.
const LONGEST_TIMER: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// What runs on other threads does so in real time, and is given this much of it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long nothing could be done, since it began.
pub(super) struct Idle {
    timers: Pin<Box<Sleep>>,
    threads: Option<JoinHandle<()>>,
}

impl Idle {
    pub(super) fn begin() -> Self {
        Self { timers: Box::pin(sleep(LONGEST_TIMER)), threads: None }
    }

    /// Ready when there is no hope left.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.threads.is_none() {
            ready!(self.timers.as_mut().poll(context));
        }
        // As long as it sleeps, the clock of tests stands still.
        let threads = self.threads.get_or_insert_with(|| spawn_blocking(|| std::thread::sleep(PATIENCE)));
        Pin::new(threads).poll(context).map(drop)
    }
}
