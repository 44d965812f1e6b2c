//! What happens in a run, as a stream.

use super::Run;
use crate::engine::{Following, Update};
use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

impl Run {
    /// What happens from now on, as a [`Stream`]. It ends with the run.
    ///
    /// Nothing is lost to who asks right after [`start`](crate::Workflow::start) on a runtime of one thread; on others some nodes
    /// may have begun. When 262,144 events wait, further ones are dropped, and it says how many. Who wants to look at the run
    /// along with its events, names for instance, asks the run itself, or uses a [`Tracker`](crate::Tracker).
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use dagcore::{Happened, Update};
    /// use futures::StreamExt;
    ///
    /// #[stage]
    /// fn half(n: u32) -> Result<u32, String> {
    ///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("halves");
    /// flow.add(half::new(8_u32));
    /// flow.add(half::new(7_u32).named("seven"));
    /// let run = flow.start()?;
    /// let mut events = run.events();
    /// let mut failed = Vec::new();
    /// while let Some(update) = events.next().await {
    ///     if let Update::Happened(Happened::Failed { node, .. }) = update {
    ///         failed.push(run.node_name(node));
    ///     }
    /// }
    /// assert_eq!(failed, ["seven"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn events(&self) -> Events {
        Events(self.0.follow())
    }
}

/// The events of a run, as they happen: see [`Run::events`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Events(Following);

impl Stream for Events {
    type Item = Update;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Update>> {
        self.0.poll(context)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the events of a run")
    }
}
