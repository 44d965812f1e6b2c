//! Whether nodes that a worker has taken may still begin.

use super::sync::{AtomicU64, Ordering};

/// Raised when nodes that were taken may not begin without another look at the state of the run: before something is cancelled,
/// paused or stopped.
///
/// A worker remembers how often it was raised when it took nodes, and compares before each of them begins. For nodes of which the
/// machine has no start yet it does so under the lock of its [deck](super::worker_queue), and the thread that raises the barrier takes
/// the locks of all decks afterwards: so a node either begins before, and is found on the deck, or does not begin. A recorded node
/// is checked without a lock, so its function may begin just after the barrier was raised; it counts as running.
#[derive(Default)]
pub(crate) struct StartBarrier(AtomicU64);

impl StartBarrier {
    /// How often it was raised.
    #[inline]
    pub(crate) fn raised(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Nodes that were taken before this need another look. Called under the lock of the run.
    pub(crate) fn raise(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
