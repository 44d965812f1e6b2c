//! The asynchronous shell around the machine: workers that drive it.
//!
//! A worker takes ready nodes out of the shared [`state`], runs them, and reports their results in the same short
//! critical section in which it takes the next ones. No scheduler task has to wake up in between.
//!
//! After reporting, a worker starts as many further workers as the ready queue justifies (`state::worker_demand`),
//! and a worker ends when the others suffice. Nodes that a worker has taken and not begun are in its queue
//! (`parts::worker_queue`), from which idle workers steal. A thread rechecks the queues every millisecond
//! (`parts::recheck_timer`), in case a worker is stuck in a node.
//!
//! Lock order: the lock of the state is taken first, then at most one lock of a worker's queue; a thread that holds a
//! queue's lock takes no other.
//!
//! A run with a scripted plan has no workers: `drivers::step_driver` takes the same steps one by one.
//!
//! The folders are layers: `parts` are independent of a run, `state` uses the parts, `drivers` use both.

mod drivers;
mod parts;
mod state;

pub(crate) use drivers::additions::adding_threads::is_adding_to_any;
pub(crate) use drivers::program::Program;
pub(crate) use drivers::run::{Going, Plan};
pub(crate) use state::observers::event_streams::Following;
pub use state::observers::event_streams::Update;
pub(crate) use state::settings::Settings;
#[cfg(feature = "signal")]
pub(crate) use state::stop_handle::Helm;
