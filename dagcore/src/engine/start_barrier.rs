//! Whether nodes that a worker has taken may still begin.
//!
//! A worker takes several short nodes at once and begins them without the lock of the run. When some of them are cancelled, or
//! the run is paused or stopped, those that have not begun must not begin any more, and the report must know those that have.
//! So the thread that cancels raises the [`StartBarrier`], and then reads how many nodes each worker has [`Begun`]; a worker
//! counts a node as begun, and then reads whether the barrier was raised. Both do so in one sequentially consistent order, so
//! at least one of the two sees the other: a node that begins after the barrier was raised is always one that the raising
//! thread has counted.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Raised when nodes that were taken may not begin without another look at the state of the run.
#[derive(Default)]
pub(super) struct StartBarrier(AtomicU64);

impl StartBarrier {
    /// How often it was raised; read under the lock of the run, where nodes are taken.
    #[inline]
    pub(super) fn raised(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Nodes that were taken before this need another look. Called under the lock of the run.
    pub(super) fn raise(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// How many of a list of nodes have begun. One worker counts; any thread reads.
#[derive(Default)]
pub(super) struct Begun(AtomicUsize);

impl Begun {
    /// Counts the next node as begun, unless the barrier was raised since it had been `seen`. Returns `true` if it may begin.
    /// Also after `false` it may be counted: the thread that raised the barrier may have seen it.
    #[inline]
    pub(super) fn begin(&self, barrier: &StartBarrier, seen: u64) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst);
        barrier.raised() == seen
    }

    /// A new list, of which so many have begun. Called where reading is locked out.
    pub(super) fn reset(&self, begun: usize) {
        self.0.store(begun, Ordering::SeqCst);
    }

    /// How many have begun, for the thread that has raised the barrier.
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}
