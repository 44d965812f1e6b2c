//! The primitives of the model checker, with the interface of those that the engine uses.

use loom::sync::atomic::AtomicU64 as LoomAtomic;
use std::ops::{Deref, DerefMut};
pub(super) use std::sync::atomic::Ordering;
use std::sync::{Mutex as Data, MutexGuard as DataGuard};
use std::time::Instant;

/// A mutex: `loom` decides who has it, and the data is where it would be found changed if two threads had it at once.
pub(super) struct Mutex<T> {
    turn: loom::sync::Mutex<()>,
    data: Data<T>,
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Mutex<T> {
    pub(super) fn new(data: T) -> Self {
        Self { turn: loom::sync::Mutex::new(()), data: Data::new(data) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: self, held: Some(self.hold()) }
    }

    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        Some(self.lock())
    }

    fn hold(&self) -> Held<'_, T> {
        let turn = self.turn.lock().expect("no model panics with a lock held");
        let data = self.data.try_lock().expect("two threads hold a lock at once");
        (data, turn)
    }
}

/// The data goes first.
type Held<'a, T> = (DataGuard<'a, T>, loom::sync::MutexGuard<'a, ()>);

pub(super) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    held: Option<Held<'a, T>>,
}

const HELD: &str = "a guard holds its lock";

impl<T> MutexGuard<'_, T> {
    pub(super) fn unlocked<R>(guard: &mut Self, run: impl FnOnce() -> R) -> R {
        guard.held = None;
        let result = run();
        guard.held = Some(guard.mutex.hold());
        result
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held.as_ref().expect(HELD).0
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held.as_mut().expect(HELD).0
    }
}

/// A condition that no thread of a model waits for.
#[derive(Default)]
pub(super) struct Condvar;

impl Condvar {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn notify_all(&self) {}

    pub(super) fn wait<T>(&self, _: &mut MutexGuard<'_, T>) {
        unreachable!("no model has rules or trackers, for which a thread waits");
    }

    pub(super) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, _: Instant) {
        self.wait(guard);
    }
}

/// A counter.
#[derive(Default)]
pub(super) struct AtomicU64(LoomAtomic);

impl AtomicU64 {
    pub(super) fn load(&self, order: Ordering) -> u64 {
        self.0.load(order)
    }

    pub(super) fn fetch_add(&self, add: u64, order: Ordering) -> u64 {
        self.0.fetch_add(add, order)
    }
}
