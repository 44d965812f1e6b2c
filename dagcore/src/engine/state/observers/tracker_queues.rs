//! What is told to trackers: a queue for each of them, behind the lock of the state.
//!
//! What happens is noted once, in the place where the machine takes it in. Many together make a batch, which all trackers
//! share; a tracker takes all of its batches at once. So a worker never copies, never takes another lock, and wakes
//! somebody only when there is much to take, or when there was nothing before.

use crate::dag::Machine;
use crate::engine::parts::sync::Condvar;
use crate::port::Happened;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

/// So many events make a batch.
const MANY: usize = 1_024;
/// So many batches call the trackers.
const CALLING: usize = 4;
/// No more events wait for a tracker, but for those of one batch.
pub(crate) const MOST: usize = 262_144;
/// So many batches' memory is kept.
const SPARE: usize = 8;

/// What has happened and was not taken by the trackers.
pub(crate) struct Told {
    /// The batch in the making.
    happened: Vec<Happened>,
    /// At so many events something is to be done.
    look_at: usize,
    /// Batches since the trackers were called.
    batches: usize,
    spare: Vec<Vec<Happened>>,
    /// The most events that wait for a tracker.
    most: usize,
    pub(crate) inboxes: Vec<Inbox>,
    /// Nothing more happens.
    pub(crate) over: Option<Over>,
    /// How many trackers are not done.
    pub(crate) undone: Arc<AtomicUsize>,
    /// Where the run's end waits for them.
    pub(crate) left: Arc<Condvar>,
}

/// How a run has ended.
#[derive(Clone)]
pub(crate) enum Over {
    Ended(Arc<Machine>),
    GivenUp,
}

/// What waits for one tracker, and what became of it.
pub(crate) struct Inbox {
    pub(crate) name: String,
    pub(crate) drain_timeout: Duration,
    /// How many events it has taken in.
    seen: Arc<AtomicU64>,
    thread: Option<Thread>,
    items: Vec<Item>,
    waiting: usize,
    /// How many events there were for it, and how many of them were dropped.
    pub(crate) all: u64,
    pub(crate) missed: u64,
    pub(crate) error: Option<String>,
    /// It is told nothing more.
    pub(crate) is_done: bool,
}

pub(crate) enum Item {
    Batch(Arc<Vec<Happened>>),
    /// So many events were dropped here.
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

    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    fn put(&mut self, batch: &Arc<Vec<Happened>>, most: usize) {
        let count = batch.len();
        self.all += count as u64;
        if self.waiting < most {
            self.waiting += count;
            self.items.push(Item::Batch(Arc::clone(batch)));
            return;
        }
        self.missed += count as u64;
        match self.items.last_mut() {
            Some(Item::Missed(missed)) => *missed += count as u64,
            _ => self.items.push(Item::Missed(count as u64)),
        }
    }
}

impl Told {
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

    /// A tracker's thread is there. Where it counts what it has seen.
    pub(crate) fn sit_down(&mut self, seat: usize, thread: Thread) -> Arc<AtomicU64> {
        let inbox = &mut self.inboxes[seat];
        inbox.thread = Some(thread);
        Arc::clone(&inbox.seen)
    }

    /// Something happened.
    #[inline(always)]
    pub(crate) fn push(&mut self, happened: Happened) {
        self.happened.push(happened);
        if self.happened.len() >= self.look_at {
            self.look();
        }
    }

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

    fn call(&self) {
        self.inboxes.iter().filter_map(|inbox| inbox.thread.as_ref()).for_each(Thread::unpark);
    }

    fn close_batch(&mut self) {
        if self.happened.is_empty() {
            return;
        }
        let empty = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(MANY));
        let batch = Arc::new(std::mem::replace(&mut self.happened, empty));
        let open = self.inboxes.iter_mut().filter(|inbox| !inbox.is_done);
        open.for_each(|inbox| inbox.put(&batch, self.most));
    }

    /// Whether there is nothing at all for a tracker. Then it is called as soon as there is.
    pub(crate) fn is_quiet(&mut self, seat: usize) -> bool {
        let quiet = self.happened.is_empty() && self.inboxes[seat].items.is_empty() && self.over.is_none();
        if quiet {
            self.look_at = 1;
        }
        quiet
    }

    /// Whether a tracker should not wait for more.
    pub(crate) fn is_much(&self, seat: usize) -> bool {
        !self.inboxes[seat].items.is_empty() || self.over.is_some()
    }

    /// All that there is for a tracker, in order.
    pub(crate) fn take(&mut self, seat: usize) -> Vec<Item> {
        self.close_batch();
        let inbox = &mut self.inboxes[seat];
        inbox.waiting = 0;
        std::mem::take(&mut inbox.items)
    }

    /// Takes the memory of batches back.
    pub(crate) fn give_back(&mut self, empty: &mut Vec<Vec<Happened>>) {
        let room = SPARE.saturating_sub(self.spare.len()).min(empty.len());
        self.spare.extend(empty.drain(..room));
    }

    /// A tracker is told nothing more. Whether none of them is.
    pub(crate) fn leave(&mut self, seat: usize, error: Option<String>) -> bool {
        let inbox = &mut self.inboxes[seat];
        (inbox.is_done, inbox.error, inbox.thread) = (true, error, None);
        inbox.items.clear();
        self.left.notify_all();
        self.undone.fetch_sub(1, Ordering::Release) == 1
    }

    /// Nothing more happens.
    pub(crate) fn end(&mut self, over: Over) {
        if self.over.is_none() {
            self.close_batch();
            self.over = Some(over);
            self.call();
        }
    }
}
