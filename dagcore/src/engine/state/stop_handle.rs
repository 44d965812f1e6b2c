//! A reference to a run for tasks beside it that may end it, such as the Ctrl-C handler.

use super::shared::Shared;
use crate::dag::CancelScope;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A task that runs beside a run until the run has ended.
pub(crate) type Beside = fn(Helm) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// The operations on a run that are open to tasks beside it.
pub(crate) struct Helm(pub(crate) Arc<Shared>);

impl Helm {
    /// Waits until the run has ended.
    pub(crate) async fn ended(&self) {
        let ended = self.0.ended.listen(); // before the check, so that no end is missed
        if !self.0.state.lock().stopped {
            ended.await;
        }
    }

    /// Cancels the nodes in this scope. A second cancellation of the whole run ends the grace period.
    pub(crate) fn cancel(&self, what: CancelScope, why: &str) {
        self.0.cancel(what, why);
    }
}
