//! What happens, for those who follow a run as it goes on: a queue each, which its owner takes from when he likes.

use super::told::MOST;
use crate::port::Happened;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A queue.
#[derive(Default)]
pub(super) struct Feed(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    happened: VecDeque<Happened>,
    /// How many were dropped after those in the queue.
    missed: u64,
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
    Missed(u64),
}

impl Feed {
    pub(super) fn push(&self, happened: Happened) {
        let mut queue = self.0.lock();
        if queue.happened.len() >= MOST || queue.missed > 0 {
            queue.missed += 1;
        } else {
            queue.happened.push_back(happened);
        }
        wake(&mut queue);
    }

    /// Nothing more comes.
    pub(super) fn end(&self) {
        let mut queue = self.0.lock();
        queue.is_over = true;
        wake(&mut queue);
    }

    /// Whether nobody takes from it any more.
    pub(super) fn is_left(&self) -> bool {
        self.0.lock().is_left
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Update>> {
        let mut queue = self.0.lock();
        if let Some(happened) = queue.happened.pop_front() {
            return Poll::Ready(Some(Update::Happened(happened)));
        }
        if queue.missed > 0 {
            return Poll::Ready(Some(Update::Missed(std::mem::take(&mut queue.missed))));
        }
        if queue.is_over {
            return Poll::Ready(None);
        }
        queue.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

fn wake(queue: &mut Queue) {
    if let Some(waker) = queue.waker.take() {
        waker.wake();
    }
}

/// The taking end of a feed.
pub(crate) struct Following(pub(super) Arc<Feed>);

impl Following {
    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Update>> {
        self.0.poll(context)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut queue = self.0.0.lock();
        queue.is_left = true;
        queue.happened.clear();
    }
}
