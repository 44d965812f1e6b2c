//! The trackers' threads, and how long the end of a run waits for them.
//!
//! A thread looks up the names and properties of nodes when it dequeues events. So workers pass on nothing but small
//! records, and a tracker that lags behind retains nothing but those.

use crate::dag::{Cause, Machine, quietly};
use crate::engine::parts::own_threads;
use crate::engine::state::lock::Locked;
use crate::engine::state::observers::tracker_queues::{Inbox, Item, MOST, Over, Told};
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use crate::port::{BriefEvent, End, RunSnapshot, Signal, Tracker, TrackerReport, Watcher, wake};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Maximum time for which a thread lets events accumulate before it dequeues a few: for a worker, unparking a thread
/// costs more than recording an event.
const A_WHILE: Duration = Duration::from_millis(1);
/// The same as a fraction of the run's age, so that little is left at the end of a short run.
const PART: u32 = 8;
/// Number of nodes that are looked up per critical section, during which the workers wait.
const A_FEW: usize = 256;
/// Number of attempts to take the lock before blocking, about ten microseconds.
const TRIES: usize = 1_000;
/// Time within which trackers are expected to finish, before the end of the run blocks a thread on them.
const AT_ONCE: Duration = Duration::from_micros(200);

/// Creates the queues of these trackers, whose threads are started later. A scripted run drops no events.
pub(crate) fn told_to(watchers: &[Watcher], is_scripted: bool) -> Option<Box<Told>> {
    let inboxes = watchers.iter().map(|watcher| Inbox::new(watcher.name.clone(), watcher.drain_timeout)).collect();
    let most = if is_scripted { usize::MAX } else { MOST };
    (!watchers.is_empty()).then(|| Box::new(Told::new(inboxes, most)))
}

/// Starts the trackers' threads. Called after the run has begun, and before anything happens.
pub(crate) fn watch(shared: &Arc<Shared>, watchers: Vec<Watcher>) {
    let begin = if watchers.is_empty() { 0 } else { shared.state.lock().machine.graph().len() };
    for (seat, Watcher { tracker, .. }) in watchers.into_iter().enumerate() {
        let own = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("dagcore-tracker".to_owned());
        if let Err(error) = thread.spawn(move || run(&own, seat, begin, tracker)) {
            shared.state.lock().leave_tracker(seat, Some(format!("got no thread: {error}")));
        }
    }
}

/// Runs one tracker. Its panics are caught and reported as its error.
fn run(shared: &Arc<Shared>, seat: usize, begin: usize, mut tracker: Box<dyn Tracker>) {
    let told = catch_unwind(AssertUnwindSafe(|| {
        Watching::new(shared, seat).tell_all(begin, &mut *tracker);
        tracker.error()
    }));
    quietly(tracker);
    let error = told.unwrap_or_else(|panic| Some(Cause::panic(panic).to_string()));
    lock(shared).leave_tracker(seat, error);
}

/// The state of a tracker's thread.
struct Watching<'a> {
    shared: &'a Shared,
    seat: usize,
    known: RunSnapshot,
    seen: Arc<AtomicU64>,
    begin: Instant,
    /// Number of events that a lookup after a gap has already covered.
    stale: u64,
    /// Batches that no other thread holds, for reuse.
    empty: Vec<Vec<BriefEvent>>,
}

impl<'a> Watching<'a> {
    /// Registers this thread with the tracker's queue.
    fn new(shared: &'a Shared, seat: usize) -> Self {
        let known = RunSnapshot::new(Arc::clone(&shared.workflow));
        let seen = lock(shared).told.as_mut().map(|told| told.sit_down(seat, std::thread::current()));
        let (seen, begin) = (seen.unwrap_or_default(), Instant::now());
        Self { shared, seat, known, seen, begin, stale: 0, empty: Vec::new() }
    }

    /// Passes everything to the tracker, from the beginning to the end of the run.
    fn tell_all(mut self, begin: usize, tracker: &mut dyn Tracker) {
        self.look_up(true);
        self.known.tell_of(begin);
        tracker.start(&self.known);
        loop {
            let (items, over, more) = self.take();
            self.look_up(more);
            for item in items {
                self.tell(item, tracker);
            }
            match over {
                None => {}
                Some(Over::Ended(machine)) => return tracker.end(End::Over(&machine), &self.known),
                Some(Over::GivenUp) => return tracker.end(End::GivenUp, &self.known),
            }
        }
    }

    /// Waits for events. Returns all of them, how the run has ended, and whether there is more to look up.
    fn take(&mut self) -> (Vec<Item>, Option<Over>, bool) {
        let a_while = A_WHILE.min(self.begin.elapsed() / PART);
        let mut has_waited = false;
        loop {
            let mut state = lock(self.shared);
            let Some(told) = &mut state.told else { return (Vec::new(), Some(Over::GivenUp), false) };
            if told.is_quiet(self.seat) {
                // An event that comes between the release of the lock and `park` unparks the thread, and `park`
                // returns at once.
                drop(state);
                std::thread::park();
            } else if !has_waited && !told.is_much(self.seat) {
                drop(state);
                std::thread::park_timeout(a_while);
                has_waited = true;
            } else {
                told.inboxes[self.seat].missed += std::mem::take(&mut self.stale);
                told.give_back(&mut self.empty);
                let (items, over) = (told.take(self.seat), told.over.clone());
                return (items, over, self.known.look_up(machine(&state), A_FEW));
            }
        }
    }

    /// Passes a batch, or the size of a gap, to the tracker.
    fn tell(&mut self, item: Item, tracker: &mut dyn Tracker) {
        let batch = match item {
            Item::Batch(batch) => batch,
            Item::Missed(count) => {
                self.look_again();
                return tracker.missed(count, &self.known);
            }
        };
        let (stale, mut seen) = (self.stale, self.seen.load(Ordering::Relaxed));
        for happened in batch.iter() {
            if !self.known.take_in(happened) {
                self.stale += 1;
                continue;
            }
            tracker.event(happened, &self.known);
            seen += 1;
            self.seen.store(seen, Ordering::Relaxed);
        }
        if self.stale > stale {
            tracker.missed(self.stale - stale, &self.known);
        }
        // The last tracker that holds a batch recycles its memory.
        if let Some(mut batch) = Arc::into_inner(batch) {
            batch.clear();
            self.empty.push(batch);
        }
    }

    /// Looks up all nodes and rules that exist by now.
    fn look_up(&mut self, mut more: bool) {
        self.known.enter();
        while more {
            more = self.known.look_up(machine(&lock(self.shared)), A_FEW);
            self.known.enter();
        }
    }

    /// Looks up the nodes and their current states after a gap.
    fn look_again(&mut self) {
        self.look_up(true);
        let mut next = Some(0);
        while let Some(from) = next {
            next = self.known.look_again(machine(&lock(self.shared)).graph(), from, A_FEW);
        }
    }
}

/// Takes the lock, spinning first. A thread that queues for the lock makes each worker that releases it wake the
/// thread, which then finds it taken again.
fn lock(shared: &Shared) -> Locked<'_> {
    for _ in 0..TRIES {
        if let Some(state) = shared.state.try_lock() {
            return state;
        }
        std::hint::spin_loop();
    }
    shared.state.lock()
}

/// Returns the machine, which the report may have taken out of the state.
fn machine(state: &State) -> &Machine {
    match state.told.as_ref().and_then(|told| told.over.as_ref()) {
        Some(Over::Ended(machine)) => machine,
        _ => &state.machine,
    }
}

/// Waits until the trackers have processed everything or their timeouts have passed, and returns their reports.
pub(crate) async fn done(shared: &Arc<Shared>) -> Vec<TrackerReport> {
    let begin = Instant::now();
    let undone = undone(&shared.state.lock());
    if let Some((undone, drain_timeout)) = undone {
        while undone.load(Ordering::Acquire) > 0 && begin.elapsed() < AT_ONCE.min(drain_timeout) {
            tokio::task::yield_now().await;
        }
        if undone.load(Ordering::Acquire) > 0 {
            wait_beside(shared, begin).await;
        }
    }
    let mut state = shared.state.lock();
    let reports = reports(&state);
    if let Some(told) = state.told.as_mut().filter(|told| told.inboxes.iter().all(|inbox| inbox.is_done)) {
        told.over = Some(Over::GivenUp); // the machine is now owned by the report alone
    }
    reports
}

/// Waits on a thread of the library, as all threads of the runtime's pool may be busy.
async fn wait_beside(shared: &Arc<Shared>, begin: Instant) {
    let done = Arc::new((AtomicBool::new(false), Signal::default()));
    let (own, told) = (Arc::clone(shared), Arc::clone(&done));
    let waits = own_threads::run(&shared.runtime, move || {
        wait(&own, begin);
        drop(own);
        told.0.store(true, Ordering::Release);
        let mut wakers = Vec::new();
        told.1.raise(&mut wakers);
        wake(wakers);
    });
    while waits.is_ok() {
        let listener = done.1.listen(); // before the check, so that the end is not missed
        if done.0.load(Ordering::Acquire) {
            return;
        }
        listener.await;
    }
}

/// Waits in real time: the clock of the run may be a paused test clock, which would jump.
fn wait(shared: &Shared, begin: Instant) {
    let mut state = shared.state.lock();
    while let Some(drain_timeout) = waited_for(&state) {
        let left = if shared.is_scripted { Duration::MAX } else { drain_timeout.saturating_sub(begin.elapsed()) };
        let Some(done) = state.told.as_ref().map(|told| Arc::clone(&told.left)) else { return };
        match Instant::now().checked_add(left) {
            _ if left.is_zero() => return,
            Some(until) => state.wait_until(&done, until),
            None => state.wait(&done),
        }
    }
}

/// Returns the number of unfinished trackers, and how long the end of the run waits for them.
fn undone(state: &State) -> Option<(Arc<AtomicUsize>, Duration)> {
    Some((Arc::clone(&state.told.as_ref()?.undone), waited_for(state)?))
}

/// Returns the longest timeout of the unfinished trackers.
fn waited_for(state: &State) -> Option<Duration> {
    let inboxes = state.told.as_ref()?.inboxes.iter();
    inboxes.filter(|inbox| !inbox.is_done).map(|inbox| inbox.drain_timeout).max()
}

/// Returns the reports of all trackers.
fn reports(state: &State) -> Vec<TrackerReport> {
    let inboxes = state.told.iter().flat_map(|told| &told.inboxes);
    let reports = inboxes.map(|inbox| {
        let (seen, missed) = (inbox.seen(), inbox.missed);
        let left = if inbox.error.is_some() { 0 } else { inbox.all.saturating_sub(seen + missed) };
        let (name, late, error) = (inbox.name.clone(), !inbox.is_done, inbox.error.clone());
        TrackerReport { name, seen, missed, left, late, error }
    });
    reports.collect()
}
