//! The tracker port: observers that receive the events of a run in order and cannot block it.

use super::run_snapshot::RunSnapshot;
use crate::dag::{BriefEvent, Machine};
use std::time::Duration;

/// An observer of a run: see [`Workflow::track`](crate::Workflow::track).
///
/// Each tracker runs on its own thread and receives everything in the order in which it happened: first
/// [`start`](Self::start), then each [`event`](Self::event), and finally [`end`](Self::end). Events arrive within a few
/// milliseconds, in batches. The run does not wait for a tracker, except at its end: see
/// [`drain_timeout`](Self::drain_timeout).
///
/// Events are queued while a tracker is busy. When 262,144 events (8 MB) are queued, further events are dropped until
/// the tracker catches up. The number of dropped events is passed to [`missed`](Self::missed) and appears in the
/// report. Runs of `dagcore::testing` drop no events.
///
/// A tracker that panics receives no further calls. The panic is reported, and the run continues.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::{End, Event, RunSnapshot, Tracker};
///
/// /// Prints a line for each node that fails, and one at the end.
/// struct Failures;
///
/// impl Tracker for Failures {
///     fn event(&mut self, happened: &Event, known: &RunSnapshot) {
///         if let Event::Failed { error, at, .. } = happened {
///             println!("{}: after {:?}, {error}", known.workflow(), at.since_start());
///         }
///     }
///
///     fn end(&mut self, _end: End<'_>, known: &RunSnapshot) {
///         println!("{} of {} nodes succeeded", known.counts().succeeded, known.len());
///     }
/// }
///
/// #[stage]
/// fn half(n: u32) -> Result<u32, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
///
/// let mut flow = Workflow::new("halves").track(Failures);
/// flow.add(half::new(7_u32));
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert_eq!(report.trackers()[0].seen(), 2); // it started, and it failed
/// # Ok::<(), dagcore::Error>(())
/// ```
pub trait Tracker: Send {
    /// Returns the tracker's name, as shown in the report.
    ///
    /// Called once, when the tracker is registered with the workflow. The default is the name of the tracker's type.
    fn name(&self) -> &str {
        std::any::type_name::<Self>()
    }

    /// Returns how long the end of the run waits for this tracker to drain its queue, in real time. The default is one
    /// second.
    ///
    /// Called once, when the tracker is registered with the workflow.
    ///
    /// Trackers that have not finished by then are listed in the report. They continue in the background as long as the
    /// process lives. Runs of `dagcore::testing` wait without a limit.
    fn drain_timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Called when the run starts. `known` holds the nodes and rules that the program has added.
    fn start(&mut self, known: &RunSnapshot) {
        let _ = known;
    }

    /// Called for each event, after it has been applied to `known`.
    fn event(&mut self, happened: &BriefEvent, known: &RunSnapshot);

    /// Called when `events` events were dropped because the tracker was slower than the run. `known` already includes
    /// the changes of the nodes; the dropped events are not delivered later.
    fn missed(&mut self, events: u64, known: &RunSnapshot) {
        let _ = (events, known);
    }

    /// Called once, after the last event.
    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        let _ = (end, known);
    }

    /// Returns the error to include in the report, such as a file that could not be written. The default is `None`.
    ///
    /// Called once, after [`end`](Self::end).
    fn error(&self) -> Option<String> {
        None
    }
}

/// How a run ended, as passed to its trackers.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum End<'a> {
    /// The run completed or was stopped. The machine holds its final state, as in the report.
    Over(&'a Machine),
    /// The run was abandoned before its end: nothing waits for it any more.
    GivenUp,
}

/// A tracker, with its name and drain timeout as they were at registration.
pub(crate) struct Watcher {
    pub(crate) name: String,
    pub(crate) drain_timeout: Duration,
    pub(crate) tracker: Box<dyn Tracker>,
}

impl Watcher {
    pub(crate) fn new(tracker: Box<dyn Tracker>) -> Self {
        Self { name: tracker.name().to_owned(), drain_timeout: tracker.drain_timeout(), tracker }
    }
}
