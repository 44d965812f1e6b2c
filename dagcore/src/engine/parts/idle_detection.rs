//! Idle detection for the step driver: waits until something is due, or until it is certain that nothing will ever
//! wake a node.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// Virtual time passes instantly, so any timer of a stage fires before this.
const LONGEST_TIMER: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// Other threads run in real time; they are given this much of it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A period in which no step was possible.
pub(crate) struct Idle {
    timers: Pin<Box<Sleep>>,
    /// `true` if `timers` ends because something is due.
    due: bool,
    threads: Option<JoinHandle<()>>,
}

/// The outcome of waiting.
pub(crate) enum Hope {
    /// Something is due by now.
    Due,
    /// Nothing will ever come.
    None,
}

impl Idle {
    /// Waits until something is due, if anything ever is.
    pub(crate) fn until(due: Option<Instant>) -> Self {
        let timers = Box::pin(due.map_or_else(|| sleep(LONGEST_TIMER), sleep_until));
        Self { timers, due: due.is_some(), threads: None }
    }

    /// Ready when the wait is over.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Hope> {
        if self.threads.is_none() {
            ready!(self.timers.as_mut().poll(context));
        }
        if self.due {
            return Poll::Ready(Hope::Due);
        }
        // A task of the blocking pool keeps a paused clock from advancing while it sleeps.
        let threads = self.threads.get_or_insert_with(|| spawn_blocking(|| std::thread::sleep(PATIENCE)));
        Pin::new(threads).poll(context).map(|_| Hope::None)
    }
}
