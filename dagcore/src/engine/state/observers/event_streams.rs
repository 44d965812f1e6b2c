//! What happens, for those who follow a run as it goes on: a queue each, which its owner takes from when he likes.

use super::tracker_queues::MOST;
use crate::port::Happened;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A queue.
#[derive(Default)]
pub(crate) struct Feed(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    happened: VecDeque<Happened>,
    /// How many were dropped after those in the queue.
    lagged: u64,
    waker: Option<Waker>,
    /// Nothing more comes.
    is_over: bool,
    /// Nobody takes any more.
    is_left: bool,
}

/// What one who follows is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Update {
    /// Something happened.
    Happened(Happened),
    /// So many events were dropped here, because nobody took them in time.
    Lagged(u64),
}

impl Feed {
    /// Appends an event. Moves the waker of the waiting task to `wakers`.
    pub(crate) fn push(&self, happened: Happened, wakers: &mut Vec<Waker>) {
        let mut queue = self.0.lock();
        if queue.happened.len() >= MOST || queue.lagged > 0 {
            queue.lagged += 1;
        } else {
            queue.happened.push_back(happened);
        }
        wakers.extend(queue.waker.take());
    }

    /// Nothing more comes.
    pub(crate) fn end(&self, wakers: &mut Vec<Waker>) {
        let mut queue = self.0.lock();
        queue.is_over = true;
        wakers.extend(queue.waker.take());
    }

    /// Whether nobody takes from it any more.
    pub(crate) fn is_left(&self) -> bool {
        self.0.lock().is_left
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Update>> {
        // Cloning and dropping a waker may run code of the program: not under the lock.
        let waker = context.waker().clone();
        let mut queue = self.0.lock();
        if let Some(happened) = queue.happened.pop_front() {
            return Poll::Ready(Some(Update::Happened(happened)));
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

/// The taking end of a feed.
pub(crate) struct Following(pub(crate) Arc<Feed>);

impl Following {
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
