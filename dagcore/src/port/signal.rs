//! A signal that any number of tasks wait for.
//!
//! It differs from `tokio::sync::Notify` in two ways that the lock of a run requires: raising it returns the wakers,
//! which the caller wakes after releasing its locks; and a waker that panics does not prevent the others from being
//! woken.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A signal that can be raised repeatedly. A [`Listener`] completes the next time it is raised after the listener was
/// created.
#[derive(Default)]
pub(crate) struct Signal(Mutex<Raised>);

#[derive(Default)]
struct Raised {
    times: u64,
    /// The key of the next listener that registers a waker.
    next: u64,
    waiting: BTreeMap<u64, Waker>,
}

impl Signal {
    /// Returns a future that is ready once the signal has been raised after this call.
    pub(crate) fn listen(&self) -> Listener<'_> {
        Listener { signal: self, seen: self.0.lock().times, place: None }
    }

    /// Raises the signal. Moves the wakers of all listeners to `wakers`; the caller [wakes](wake) them without holding
    /// a lock.
    pub(crate) fn raise(&self, wakers: &mut Vec<Waker>) {
        let mut raised = self.0.lock();
        raised.times += 1;
        wakers.extend(std::mem::take(&mut raised.waiting).into_values());
    }
}

/// Wakes all wakers, even if one of them panics.
pub(crate) fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        let woken = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        std::mem::forget(woken); // dropping the payload of a panic may panic again
    }
}

/// A future that waits for a [`Signal`].
pub(crate) struct Listener<'a> {
    signal: &'a Signal,
    seen: u64,
    place: Option<u64>,
}

impl Future for Listener<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Cloning and dropping a waker may run user code, which must not happen under the lock.
        let waker = context.waker().clone();
        let mut raised = self.signal.0.lock();
        if raised.times != self.seen {
            return Poll::Ready(());
        }
        let place = self.place.unwrap_or(raised.next);
        raised.next = raised.next.max(place + 1);
        let before = raised.waiting.insert(place, waker);
        self.place = Some(place);
        drop(raised);
        drop(before);
        Poll::Pending
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let mut raised = self.signal.0.lock();
        let waker = raised.waiting.remove(&place);
        drop(raised);
        drop(waker);
    }
}
