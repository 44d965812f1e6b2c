//! The workloads, the peers, and the measurements, shared by the commands and the benches.
//!
//! `workload` defines the computations and the expected results. Each of the `peers` runs them in its own way and
//! returns a number that is checked, so that no peer is faster by skipping work. `side_by_side` alternates the peers.
//! `contention` runs the library alone, with many workers.

pub mod contention;
pub mod options;
pub mod out;
pub mod peers;
pub mod side_by_side;
pub mod took;
pub mod workload;
