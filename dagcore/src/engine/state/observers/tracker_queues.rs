//! The trackers' queues: one per tracker, behind the lock of the state.
//!
//! Each event is recorded once, where the machine applies it. Events are collected in batches that all trackers
//! share; a tracker dequeues all of its batches at once. So a worker copies nothing, takes no further lock, and
//! unparks a tracker only when there is much to dequeue, or when there was nothing before.
//!
//! `state::tracker_notes` enqueues; the threads of `drivers::tracker_threads` dequeue.

use crate::dag::Machine;
use crate::engine::parts::sync::Condvar;
use crate::port::BriefEvent;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// Number of events in a batch.
const MANY: usize = 1_024;
/// Number of batches after which the trackers are unparked.
const CALLING: usize = 4;
/// Maximum number of events that wait for a tracker; exceeded by at most one batch.
pub(crate) const MOST: usize = 262_144;
/// Number of empty batches that are kept for reuse.
const SPARE: usize = 8;

/// Events that the trackers have not dequeued.
pub(crate) struct Told {
    /// The open batch.
    happened: Vec<BriefEvent>,
    /// The length of the open batch at which to close it or to unpark trackers. It is 1 while a tracker waits for the
    /// next event.
    look_at: usize,
    /// Number of batches since the trackers were unparked.
    batches: usize,
    spare: Vec<Vec<BriefEvent>>,
    /// Maximum number of events that wait for a tracker.
    most: usize,
    pub(crate) inboxes: Vec<Inbox>,
    /// Set when no more events will come.
    pub(crate) over: Option<Over>,
    /// Number of trackers that have not finished.
    pub(crate) undone: Arc<AtomicUsize>,
    /// Notified when a tracker finishes; the end of the run waits on it.
    pub(crate) left: Arc<Condvar>,
}

/// How a run has ended.
#[derive(Clone)]
pub(crate) enum Over {
    Ended(Arc<Machine>),
    GivenUp,
}

/// The queue of one tracker, and its result.
pub(crate) struct Inbox {
    pub(crate) name: String,
    pub(crate) drain_timeout: Duration,
    /// Number of events that the tracker has processed. The tracker's thread counts without the lock.
    seen: Arc<AtomicU64>,
    thread: Option<Thread>,
    items: Vec<Item>,
    waiting: usize,
    /// Number of events that were enqueued or dropped; `missed` counts those dropped.
    pub(crate) all: u64,
    pub(crate) missed: u64,
    /// Why the tracker failed.
    pub(crate) error: Option<String>,
    /// `true` if the tracker receives no more events.
    pub(crate) is_done: bool,
}

pub(crate) enum Item {
    Batch(Arc<Vec<BriefEvent>>),
    /// This many events were dropped here.
    Missed(u64),
}

impl Inbox {
    pub(crate) fn new(name: String, drain_timeout: Duration) -> Self {
        Self {
            name,
            drain_timeout,
            seen: Arc::default(),
            thread: None,
            items: Vec::new(),
            waiting: 0,
            all: 0,
            missed: 0,
            error: None,
            is_done: false,
        }
    }

    /// Returns the number of events that the tracker has processed.
    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    /// Enqueues a batch, or drops it if the queue is full.
    fn put(&mut self, batch: &Arc<Vec<BriefEvent>>, most: usize) {
        let count = batch.len();
        self.all += count as u64;
        if self.waiting < most {
            self.waiting += count;
            self.items.push(Item::Batch(Arc::clone(batch)));
            return;
        }
        // A slow tracker loses events and never slows the run down. Consecutive gaps are merged.
        self.missed += count as u64;
        match self.items.last_mut() {
            Some(Item::Missed(missed)) => *missed += count as u64,
            _ => self.items.push(Item::Missed(count as u64)),
        }
    }
}

impl Told {
    /// Creates the queues.
    pub(crate) fn new(inboxes: Vec<Inbox>, most: usize) -> Self {
        Self {
            happened: Vec::new(),
            look_at: 1,
            batches: 0,
            spare: Vec::new(),
            most,
            undone: Arc::new(AtomicUsize::new(inboxes.len())),
            inboxes,
            over: None,
            left: Arc::default(),
        }
    }

    /// Registers a tracker's thread, and returns its counter of processed events.
    pub(crate) fn sit_down(&mut self, seat: usize, thread: Thread) -> Arc<AtomicU64> {
        let inbox = &mut self.inboxes[seat];
        inbox.thread = Some(thread);
        Arc::clone(&inbox.seen)
    }

    /// Records an event.
    #[inline(always)]
    pub(crate) fn push(&mut self, happened: BriefEvent) {
        self.happened.push(happened);
        if self.happened.len() >= self.look_at {
            self.look();
        }
    }

    /// Closes a full batch, and unparks the trackers if there is reason to.
    #[cold]
    fn look(&mut self) {
        let somebody_waits = self.look_at == 1;
        self.look_at = MANY;
        if self.happened.len() >= MANY {
            self.close_batch();
            self.batches += 1;
        }
        if somebody_waits || self.batches >= CALLING {
            self.batches = 0;
            self.call();
        }
    }

    /// Unparks all trackers.
    fn call(&self) {
        self.inboxes.iter().filter_map(|inbox| inbox.thread.as_ref()).for_each(Thread::unpark);
    }

    /// Closes the open batch and enqueues it for each tracker.
    fn close_batch(&mut self) {
        if self.happened.is_empty() {
            return;
        }
        let empty = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(MANY));
        let batch = Arc::new(std::mem::replace(&mut self.happened, empty));
        let open = self.inboxes.iter_mut().filter(|inbox| !inbox.is_done);
        open.for_each(|inbox| inbox.put(&batch, self.most));
    }

    /// Returns `true` if there is nothing at all for a tracker. Then the next event unparks it.
    pub(crate) fn is_quiet(&mut self, seat: usize) -> bool {
        let quiet = self.happened.is_empty() && self.inboxes[seat].items.is_empty() && self.over.is_none();
        // Checked and set under one lock: an event that comes before the thread parks unparks it, and `park` returns
        // at once.
        if quiet {
            self.look_at = 1;
        }
        quiet
    }

    /// Returns `true` if a tracker should not wait for more events.
    pub(crate) fn is_much(&self, seat: usize) -> bool {
        !self.inboxes[seat].items.is_empty() || self.over.is_some()
    }

    /// Dequeues all events for a tracker, in order.
    pub(crate) fn take(&mut self, seat: usize) -> Vec<Item> {
        self.close_batch();
        let inbox = &mut self.inboxes[seat];
        inbox.waiting = 0;
        std::mem::take(&mut inbox.items)
    }

    /// Takes back the memory of batches for reuse.
    pub(crate) fn give_back(&mut self, empty: &mut Vec<Vec<BriefEvent>>) {
        let room = SPARE.saturating_sub(self.spare.len()).min(empty.len());
        self.spare.extend(empty.drain(..room));
    }

    /// Removes a tracker. Returns `true` if it was the last.
    pub(crate) fn leave(&mut self, seat: usize, error: Option<String>) -> bool {
        let inbox = &mut self.inboxes[seat];
        (inbox.is_done, inbox.error, inbox.thread) = (true, error, None);
        inbox.items.clear();
        self.left.notify_all();
        self.undone.fetch_sub(1, Ordering::Release) == 1
    }

    /// Closes the queues.
    pub(crate) fn end(&mut self, over: Over) {
        if self.over.is_none() {
            self.close_batch();
            self.over = Some(over);
            self.call();
        }
    }
}
