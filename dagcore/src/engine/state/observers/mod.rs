//! Queues of events for those that observe a run: trackers, and streams of the run's handle.
//!
//! Events are enqueued under the lock, and read by the observers' own threads and tasks.

pub(crate) mod event_streams;
pub(crate) mod tracker_queues;
