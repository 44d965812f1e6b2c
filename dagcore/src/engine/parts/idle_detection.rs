//! Waiting for a run in which nothing can be done, until something is due, or it is certain that nothing will ever come.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// Virtual time passes in no time, so any timer of a stage that is to be waited for fires before this.
const LONGEST_TIMER: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// What runs on other threads does so in real time, and is given this much of it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long nothing could be done, since it began.
pub(crate) struct Idle {
    timers: Pin<Box<Sleep>>,
    /// Whether something is due then.
    due: bool,
    threads: Option<JoinHandle<()>>,
}

/// What there is to be hoped for.
pub(crate) enum Hope {
    /// Something is due by now.
    Due,
    None,
}

impl Idle {
    /// Until something is due, if anything ever is.
    pub(crate) fn until(due: Option<Instant>) -> Self {
        let timers = Box::pin(due.map_or_else(|| sleep(LONGEST_TIMER), sleep_until));
        Self { timers, due: due.is_some(), threads: None }
    }

    /// Ready when there is nothing to wait for.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Hope> {
        if self.threads.is_none() {
            ready!(self.timers.as_mut().poll(context));
        }
        if self.due {
            return Poll::Ready(Hope::Due);
        }
        // As long as it sleeps, the clock of tests stands still.
        let threads = self.threads.get_or_insert_with(|| spawn_blocking(|| std::thread::sleep(PATIENCE)));
        Pin::new(threads).poll(context).map(|_| Hope::None)
    }
}
