//! `contention`: many workers on few cores, nodes of uneven length, and how many cores one run can feed.
//!
//! `args` says what is asked for, `spin` is work, `loads` are the workflows. `grid` and `uneven` run them on runtimes
//! of many sizes; `section` measures what is done under the lock, and `limit` lets `cores` simulate 64 cores from that.
//! `run` puts them together.

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
