//! The workloads, those who run them, and what is measured: everything that the commands and the benches share.
//!
//! `workload` says what is computed and what must come out. Each of `peers` runs it in its own way; each gives a
//! number that is checked, so that nobody is fast by leaving something out. `side_by_side` lets them take turns.
//! `contention` runs the library alone, with many workers.

pub mod contention;
pub mod options;
pub mod out;
pub mod peers;
pub mod side_by_side;
pub mod took;
pub mod workload;
