//! Event streams of the run's handle: one bounded queue per stream.
//!
//! The state pushes events under its lock; the stream's owner polls them from its own task.

use super::tracker_queues::MOST;
use crate::port::BriefEvent;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The queue of one event stream.
#[derive(Default)]
pub(crate) struct Feed(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    happened: VecDeque<BriefEvent>,
    /// Number of events that were dropped after those in the queue.
    lagged: u64,
    waker: Option<Waker>,
    /// `true` if no more events will come.
    is_over: bool,
    /// `true` if the receiver was dropped.
    is_left: bool,
}

/// An item of an event stream.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Update {
    /// An event.
    Event(BriefEvent),
    /// This many events were dropped here, because the receiver lagged behind.
    Lagged(u64),
}

impl Feed {
    /// Appends an event. Moves the waker of the waiting task to `wakers`.
    pub(crate) fn push(&self, happened: BriefEvent, wakers: &mut Vec<Waker>) {
        let mut queue = self.0.lock();
        // After the first drop all events are dropped until the receiver has seen the gap: events behind it would
        // have the wrong position.
        if queue.happened.len() >= MOST || queue.lagged > 0 {
            queue.lagged += 1;
        } else {
            queue.happened.push_back(happened);
        }
        wakers.extend(queue.waker.take());
    }

    /// Closes the queue. Moves the waker of the waiting task to `wakers`.
    pub(crate) fn end(&self, wakers: &mut Vec<Waker>) {
        let mut queue = self.0.lock();
        queue.is_over = true;
        wakers.extend(queue.waker.take());
    }

    /// Returns `true` if the receiver was dropped.
    pub(crate) fn is_left(&self) -> bool {
        self.0.lock().is_left
    }

    /// Dequeues the next update, or registers the task's waker.
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Update>> {
        // Cloning and dropping a waker may run code of the program: not under the lock.
        let waker = context.waker().clone();
        let mut queue = self.0.lock();
        if let Some(happened) = queue.happened.pop_front() {
            return Poll::Ready(Some(Update::Event(happened)));
        }
        if queue.lagged > 0 {
            return Poll::Ready(Some(Update::Lagged(std::mem::take(&mut queue.lagged))));
        }
        if queue.is_over {
            return Poll::Ready(None);
        }
        let before = queue.waker.replace(waker);
        drop(queue);
        drop(before);
        Poll::Pending
    }
}

/// The receiving end of a feed.
pub(crate) struct Following(pub(crate) Arc<Feed>);

impl Following {
    /// Polls for the next update; `None` when the run is over and the queue is empty.
    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Update>> {
        self.0.poll(context)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut queue = self.0.0.lock();
        queue.is_left = true;
        let left = (std::mem::take(&mut queue.happened), queue.waker.take());
        drop(queue);
        drop(left);
    }
}
