//! Parts of the engine that are independent of a run: locks, threads, clock, queues and wake-ups.

pub(super) mod after_unlock;
pub(super) mod cancel_signal;
pub(super) mod clock;
pub(super) mod idle_detection;
pub(super) mod locked_calls;
pub(super) mod own_threads;
pub(super) mod recheck_timer;
pub(super) mod stage_durations;
pub(super) mod start_barrier;
pub(super) mod sync;
pub(super) mod wake_list;
pub(super) mod worker_pool;
pub(super) mod worker_queue;
