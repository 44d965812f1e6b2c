//! Replaces the library's own threads, which a model checker could not order: there are none, as in a process that has
//! reached its limit.

use std::io::{Error, ErrorKind};
use tokio::runtime::Handle;

/// Drops the task.
pub(crate) fn run(_: &Handle, task: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    drop(task);
    Err(Error::from(ErrorKind::WouldBlock))
}

/// Hands the task to the pool, without supervising it.
pub(crate) fn run_soon(runtime: &Handle, begin: impl Fn() + Clone + Send + 'static) {
    runtime.spawn_blocking(begin);
}
