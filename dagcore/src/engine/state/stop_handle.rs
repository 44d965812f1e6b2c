//! A run as something beside it sees it, which may have to end it.

use super::shared::Shared;
use crate::dag::CancelScope;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What goes on beside a run, as long as it does.
pub(crate) type Beside = fn(Helm) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// What can be done to a run from beside.
pub(crate) struct Helm(pub(crate) Arc<Shared>);

impl Helm {
    /// Waits until the run has ended.
    pub(crate) async fn ended(&self) {
        let ended = self.0.ended.listen(); // before the look, so that no end is missed
        if !self.0.state.lock().stopped {
            ended.await;
        }
    }

    /// Cancels what nobody wants any more. Asked a second time for the whole run, it waits for nothing that runs.
    pub(crate) fn cancel(&self, what: CancelScope, why: &str) {
        self.0.cancel(what, why);
    }
}
