//! The locks and atomics that order workers against each other. They are imported from here, so that the models in
//! `tests/models` can compile the engine with those of a model checker instead.

pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
