//! The trackers' threads, and how long the end of a run waits for them.
//!
//! A thread looks up what its tracker has to know when it takes what has happened; so nothing but small records crosses
//! over from the workers, and a tracker that lags behind holds on to nothing but those.

use super::shared::Shared;
use super::state::State;
use super::told::{Inbox, Item, MOST, Over, Told};
use crate::dag::{Cause, Machine, quietly};
use crate::port::{End, Happened, Known, Tracked, Tracker, Watcher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a thread lets happen more before it takes little: being woken costs the workers more than being told.
const A_LITTLE: Duration = Duration::from_millis(1);
/// So many nodes are looked up while the workers stand still.
const A_FEW: usize = 512;
/// A run's end expects its trackers to be done in so long, before it takes the trouble of waiting for them.
const AT_ONCE: Duration = Duration::from_micros(200);

/// The queues for these trackers, whose threads are started later. A run that is scripted drops nothing.
pub(super) fn told_to(watchers: &[Watcher], is_scripted: bool) -> Option<Box<Told>> {
    let inboxes = watchers.iter().map(|watcher| Inbox::new(watcher.name.clone(), watcher.patience)).collect();
    let most = if is_scripted { usize::MAX } else { MOST };
    (!watchers.is_empty()).then(|| Box::new(Told::new(inboxes, most)))
}

/// Starts the trackers' threads. The run has begun and nothing has happened.
pub(super) fn watch(shared: &Arc<Shared>, watchers: Vec<Watcher>) {
    let begin = if watchers.is_empty() { 0 } else { shared.state.lock().machine.graph().len() };
    for (seat, Watcher { tracker, .. }) in watchers.into_iter().enumerate() {
        let own = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("dagcore-tracker".to_owned());
        if let Err(error) = thread.spawn(move || run(&own, seat, begin, tracker)) {
            shared.state.lock().leave_tracker(seat, Some(format!("got no thread: {error}")));
        }
    }
}

fn run(shared: &Arc<Shared>, seat: usize, begin: usize, mut tracker: Box<dyn Tracker>) {
    let told = catch_unwind(AssertUnwindSafe(|| Watching::new(shared, seat).tell_all(begin, &mut *tracker)));
    quietly(tracker);
    let trouble = told.err().map(|panic| Cause::panic(panic).to_string());
    shared.state.lock().leave_tracker(seat, trouble);
}

/// A tracker's thread.
struct Watching<'a> {
    shared: &'a Shared,
    seat: usize,
    known: Known,
    seen: Arc<AtomicU64>,
    /// Events that were known already, because others had been dropped.
    stale: u64,
    /// The memory of batches that nobody else holds.
    empty: Vec<Vec<Happened>>,
}

impl<'a> Watching<'a> {
    fn new(shared: &'a Shared, seat: usize) -> Self {
        let known = Known::new(Arc::clone(&shared.workflow));
        let seen = shared.state.lock().told.as_ref().map(|told| Arc::clone(&told.inboxes[seat].seen));
        Self { shared, seat, known, seen: seen.unwrap_or_default(), stale: 0, empty: Vec::new() }
    }

    fn tell_all(mut self, begin: usize, tracker: &mut dyn Tracker) {
        self.look_up();
        self.known.tell_of(begin);
        tracker.start(&self.known);
        loop {
            let (items, over) = self.take();
            self.look_up();
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

    /// Waits for what happens.
    fn take(&mut self) -> (Vec<Item>, Option<Over>) {
        let mut state = self.shared.state.lock();
        loop {
            let Some(told) = &mut state.told else { return (Vec::new(), Some(Over::GivenUp)) };
            let news = Arc::clone(&told.news);
            if told.is_quiet(self.seat) {
                news.wait(&mut state);
            } else if told.is_much(self.seat) || news.wait_for(&mut state, A_LITTLE).timed_out() {
                break;
            }
        }
        let Some(told) = &mut state.told else { return (Vec::new(), Some(Over::GivenUp)) };
        told.inboxes[self.seat].missed += std::mem::take(&mut self.stale);
        told.give_back(&mut self.empty);
        let over = told.over.clone();
        (told.take(self.seat), over)
    }

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
        if let Some(mut batch) = Arc::into_inner(batch) {
            batch.clear();
            self.empty.push(batch);
        }
    }

    /// Looks up all nodes and rules that there are.
    fn look_up(&mut self) {
        let mut more = true;
        while more {
            more = self.known.look_up(machine(&self.shared.state.lock()), A_FEW);
            self.known.enter();
        }
    }

    /// Looks up what became of the nodes, and which there are.
    fn look_again(&mut self) {
        self.look_up();
        let mut next = Some(0);
        while let Some(from) = next {
            next = self.known.look_again(machine(&self.shared.state.lock()).graph(), from, A_FEW);
        }
    }
}

/// The machine, which the report takes away.
fn machine(state: &State) -> &Machine {
    match state.told.as_ref().and_then(|told| told.over.as_ref()) {
        Some(Over::Ended(machine)) => machine,
        _ => &state.machine,
    }
}

/// Waits, for as long as they may take, until the trackers have taken in everything. What became of them.
pub(super) async fn done(shared: &Arc<Shared>) -> Vec<Tracked> {
    let begin = Instant::now();
    while waited_for(&shared.state.lock()).is_some() && begin.elapsed() < AT_ONCE {
        tokio::task::yield_now().await;
    }
    let own = Arc::clone(shared);
    if waited_for(&shared.state.lock()).is_some() {
        let _ = shared.runtime.spawn_blocking(move || wait(&own, begin)).await;
    }
    let mut state = shared.state.lock();
    let tracked = tracked(&state);
    if let Some(told) = state.told.as_mut().filter(|told| told.inboxes.iter().all(|inbox| inbox.is_done)) {
        told.over = Some(Over::GivenUp); // the machine is the report's alone
    }
    tracked
}

/// Waits on the real clock: that of the run may be a test's, which would jump.
fn wait(shared: &Shared, begin: Instant) {
    let mut state = shared.state.lock();
    while let Some(patience) = waited_for(&state) {
        let left = if shared.is_scripted { Duration::MAX } else { patience.saturating_sub(begin.elapsed()) };
        let Some(news) = state.told.as_ref().map(|told| Arc::clone(&told.news)) else { return };
        match Instant::now().checked_add(left) {
            _ if left.is_zero() => return,
            Some(until) => drop(news.wait_until(&mut state, until)),
            None => news.wait(&mut state),
        }
    }
}

/// How long the run's end waits for the most patient of those that are not done.
fn waited_for(state: &State) -> Option<Duration> {
    let inboxes = state.told.as_ref()?.inboxes.iter();
    inboxes.filter(|inbox| !inbox.is_done).map(|inbox| inbox.patience).max()
}

fn tracked(state: &State) -> Vec<Tracked> {
    let inboxes = state.told.iter().flat_map(|told| &told.inboxes);
    let tracked = inboxes.map(|inbox| {
        let (seen, missed) = (inbox.seen.load(Ordering::Relaxed), inbox.missed);
        let left = if inbox.trouble.is_some() { 0 } else { inbox.all.saturating_sub(seen + missed) };
        let (name, late, trouble) = (inbox.name.clone(), !inbox.is_done, inbox.trouble.clone());
        Tracked { name, seen, missed, left, late, trouble }
    });
    tracked.collect()
}
