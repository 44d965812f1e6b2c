//! The primitives of the model checker, with the interface of those that the engine uses.

use loom::sync::atomic::AtomicU64 as LoomAtomic;
use loom::thread::{ThreadId, current};
use std::cell::Cell;
use std::ops::{Deref, DerefMut};
pub(crate) use std::sync::atomic::Ordering;
use std::sync::{Mutex as Data, MutexGuard as DataGuard};
use std::time::Instant;

/// A deliberate fault of a thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The thread changes no counter.
    CountsNothing,
    /// The thread does not wait for locks.
    IgnoresLocks,
}

thread_local! {
    /// All threads of a model run on one thread of the system.
    static FAULT: Cell<Option<(ThreadId, Fault)>> = const { Cell::new(None) };
}

/// Runs a closure with a fault that applies only to this thread of the model.
pub(crate) fn with_fault<R>(fault: Fault, run: impl FnOnce() -> R) -> R {
    FAULT.set(Some((current().id(), fault)));
    let result = run();
    FAULT.set(None);
    result
}

fn has_fault(fault: Fault) -> bool {
    FAULT.get().is_some_and(|known| known == (current().id(), fault))
}

/// A mutex: `loom` decides which thread holds it, and the data is stored where an access by two threads at once is
/// detected.
pub(crate) struct Mutex<T> {
    turn: loom::sync::Mutex<()>,
    data: Data<T>,
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Mutex<T> {
    pub(crate) fn new(data: T) -> Self {
        Self { turn: loom::sync::Mutex::new(()), data: Data::new(data) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { mutex: self, held: Some(self.hold()) }
    }

    /// Returns a null address: no closure of a program runs in a model.
    pub(crate) fn data_ptr(&self) -> *mut T {
        std::ptr::null_mut()
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        Some(self.lock())
    }

    fn hold(&self) -> Held<'_, T> {
        let locks = !has_fault(Fault::IgnoresLocks);
        let turn = locks.then(|| self.turn.lock().expect("no model panics with a lock held"));
        let data = self.data.try_lock().expect("two threads hold a lock at once");
        (data, turn)
    }
}

/// The data is dropped first.
type Held<'a, T> = (DataGuard<'a, T>, Option<loom::sync::MutexGuard<'a, ()>>);

pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    held: Option<Held<'a, T>>,
}

const HELD: &str = "a guard holds its lock";

impl<T> MutexGuard<'_, T> {
    pub(crate) fn unlocked<R>(guard: &mut Self, run: impl FnOnce() -> R) -> R {
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
pub(crate) struct Condvar;

impl Condvar {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn notify_all(&self) {}

    pub(crate) fn wait<T>(&self, _: &mut MutexGuard<'_, T>) {
        unreachable!("no model has rules or trackers, for which a thread waits");
    }

    pub(crate) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, _: Instant) {
        self.wait(guard);
    }
}

/// A counter.
#[derive(Default)]
pub(crate) struct AtomicU64(LoomAtomic);

impl AtomicU64 {
    pub(crate) fn load(&self, order: Ordering) -> u64 {
        self.0.load(order)
    }

    pub(crate) fn fetch_add(&self, add: u64, order: Ordering) -> u64 {
        let add = if has_fault(Fault::CountsNothing) { 0 } else { add };
        self.0.fetch_add(add, order)
    }
}
