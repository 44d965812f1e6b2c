//! The events of a run, as a stream.

use super::Run;
use crate::engine::{Following, Update};
use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

impl Run {
    /// Returns a [`Stream`] of the events from now on. It ends with the run.
    ///
    /// On a runtime with one thread, a call right after [`start`](crate::Workflow::start) misses no event; on other
    /// runtimes some nodes may have started before. When 262,144 events are queued, further ones are dropped, and the
    /// stream reports how many. To read the state of the run along with its events, such as the names of nodes, query
    /// the run itself or use a [`Tracker`](crate::Tracker).
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use dagcore::{Event, Update};
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
    ///     if let Update::Event(Event::Failed { node, .. }) = update {
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

/// A stream of the events of a run: see [`Run::events`].
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
