//! Additions of nodes and rules by running nodes and through the handle of a run.
//!
//! One thread at a time adds to a run. `adding_threads` detects threads that would deadlock.

pub(crate) mod add;
pub(crate) mod adding_threads;
pub(crate) mod from_nodes;
pub(crate) mod from_outside;
