//! A real-time limit for code that may hang, so that a hang fails one test and does not block the suite.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// Runs `body` on a thread of its own and returns its result.
///
/// # Panics
///
/// If `body` panics, with the same payload, or if it has not returned after `limit`. In the second case its thread is
/// left behind.
pub fn within<R: Send + 'static>(limit: Duration, body: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, ended) = channel();
    thread::spawn(move || done.send(catch_unwind(AssertUnwindSafe(body))));
    match ended.recv_timeout(limit) {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => panic!("the code did not return within {limit:?}"),
    }
}
