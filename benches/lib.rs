//! The workloads W1–W4 as `dagcore` runs them, and as they would be written by hand.
//!
//! Every shape is a module with one function for each way of running it; each gives a number that is checked, so
//! that nobody is fast by leaving something out.

pub mod ours;
pub mod raw_spawn;
pub mod workload;
