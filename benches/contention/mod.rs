//! `contention`: many workers on few cores, nodes of uneven duration, and the number of cores that one run can supply.
//!
//! `args` parses the options, `spin` is the work, `loads` are the workflows. `grid` and `uneven` run them on runtimes
//! of many sizes; `section` measures the work under the lock, and `limit` uses `cores` to simulate 64 cores from these
//! figures. `run` combines them.

mod args;
mod cores;
mod grid;
mod limit;
mod loads;
mod run;
mod runtimes;
mod section;
mod spin;
mod uneven;
mod wanted;

pub use args::Args;
pub use run::run;
