//! Running one node's job, with every panic caught.

use crate::dag::{Cause, quietly};
use crate::port::{Job, StageFuture, StageResult, Started, Starting};
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The outcome of the first poll.
pub(crate) enum Tried {
    Ended(StageResult),
    Pending(StageFuture),
}

/// Starts a job, and polls it once in place if it is async. A panic anywhere in it is its failure.
pub(crate) fn start_job(job: Box<dyn Job>, starting: &Starting<'_>) -> Tried {
    let tried = catch_unwind(AssertUnwindSafe(|| match start(job, starting) {
        Started::Done(result) => Tried::Ended(result),
        // A pending future is polled again at once by its new owner, so this poll needs no waker.
        Started::Future(mut future) => match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Tried::Ended(result),
            Poll::Pending => Tried::Pending(future),
        },
    }));
    tried.unwrap_or_else(|panic| Tried::Ended(panicked(panic)))
}

#[inline]
fn start(job: Box<dyn Job>, starting: &Starting<'_>) -> Started {
    match starting.mock {
        None => job.start(starting),
        Some(mock) => Started::Done(mock(job.into_any())),
    }
}

/// The rest of a stage's future. A panic is its failure.
pub(crate) struct Guarded(Option<StageFuture>);

impl Guarded {
    /// Wraps a future that is pending.
    pub(crate) fn new(future: StageFuture) -> Self {
        Self(Some(future))
    }
}

impl Future for Guarded {
    type Output = StageResult;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<StageResult> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => result,
            Err(panic) => panicked(panic),
        };
        // The captures of the future are dropped here, so that a panic in a `Drop` is a failure, too.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(self.0.take())));
        Poll::Ready(match dropped {
            Ok(()) => result,
            Err(panic) => {
                quietly(result);
                panicked(panic)
            }
        })
    }
}

fn panicked(payload: Box<dyn Any + Send>) -> StageResult {
    Err(Box::new(Cause::panic(payload)))
}
