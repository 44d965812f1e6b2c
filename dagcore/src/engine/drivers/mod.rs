//! The drivers of a run: workers, rule bodies, timers, trackers, deciders, and the run's handle.
//!
//! Each takes work from the [`state`](super::state), does it without the lock, and reports the result.

pub(super) mod additions;
pub(super) mod decider;
pub(super) mod program;
pub(super) mod rule_bodies;
pub(super) mod run;
pub(super) mod run_job;
pub(super) mod run_nodes;
pub(super) mod step_driver;
pub(super) mod timers;
pub(super) mod tracker_threads;
pub(super) mod worker_loop;
