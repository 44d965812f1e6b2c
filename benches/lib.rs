//! The workloads W1–W6 as `dagcore` runs them, and as they would be written by hand.
//!
//! Every way of running them has a module of its own; each gives a number that is checked, so that nobody is fast
//! by leaving something out.

pub mod ours;
pub mod raw;
pub mod raw_boxbatch;
pub mod raw_spawn;
pub mod took;
pub mod workload;
