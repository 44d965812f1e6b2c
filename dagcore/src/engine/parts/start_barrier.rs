//! The start barrier: a counter that revokes the permission to begin nodes that workers have already taken.
//!
//! `State::recall` raises it; the worker loop checks it before each node.

use super::sync::{AtomicU64, Ordering};

/// Raised when nodes that were taken must be reviewed against the state of the run before they begin: when something
/// is cancelled, paused or stopped.
///
/// A worker remembers the count at the time it took nodes, and compares before each of them begins. For nodes whose
/// start the machine has not recorded, it does so under the lock of its [queue](super::worker_queue), and the thread
/// that raises the barrier takes the locks of all queues afterwards: a node either begins before and is found in the
/// queue, or does not begin. A recorded node is checked without a lock, so its function may begin just after the
/// barrier was raised; it counts as running.
#[derive(Default)]
pub(crate) struct StartBarrier(AtomicU64);

impl StartBarrier {
    /// Returns how often the barrier was raised.
    #[inline]
    pub(crate) fn raised(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Requires a review of all nodes that were taken before this call. Called under the lock of the run.
    pub(crate) fn raise(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
