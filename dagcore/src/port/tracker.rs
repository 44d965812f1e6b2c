//! Who watches a run: what happens, told one after another to somebody who cannot hold it up.

use super::known::Known;
use crate::dag::{BriefEvent as Happened, Machine};
use std::time::Duration;

/// Watches a run: see [`Workflow::track`](crate::Workflow::track).
///
/// Each tracker has a thread of its own, and hears of everything in the order in which it happened: first
/// [`start`](Self::start), then each [`event`](Self::event), last of all [`end`](Self::end). It hears of it within some
/// milliseconds, many events one after another. The run does not wait for it, but for the end: see
/// [`drain_timeout`](Self::drain_timeout).
///
/// Events wait in a queue for a tracker that is busy. When 262,144 of them wait, which is 8 MB, further ones are dropped
/// until it comes back. It is told how many it [`missed`](Self::missed), and so is the report. A run of `dagcore::testing`
/// drops nothing.
///
/// A tracker that panics is told nothing more. The report says so, and the run goes on.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::{End, Happened, Known, Tracker};
///
/// /// Prints a line for each node that fails, and one in the end.
/// struct Failures;
///
/// impl Tracker for Failures {
///     fn event(&mut self, happened: &Happened, known: &Known) {
///         if let Happened::Failed { error, at, .. } = happened {
///             println!("{}: after {:?}, {error}", known.workflow(), at.since_start());
///         }
///     }
///
///     fn end(&mut self, _end: End<'_>, known: &Known) {
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
    /// What it is called in the report. It is asked when the tracker is given to the workflow; its type, unless it says
    /// otherwise.
    fn name(&self) -> &str {
        std::any::type_name::<Self>()
    }

    /// How long the end of the run waits for this tracker to take in what is left, on the real clock. It is asked when the
    /// tracker is given to the workflow; a second, unless it says otherwise.
    ///
    /// The report says which trackers were not done by then. They go on by themselves as long as the process lives.
    /// A run of `dagcore::testing` waits for as long as it takes.
    fn drain_timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// The run begins. What is known are the nodes and rules of the program.
    fn start(&mut self, known: &Known) {
        let _ = known;
    }

    /// Something happened, and is in what is known.
    fn event(&mut self, happened: &Happened, known: &Known);

    /// So many events were dropped, because the tracker was slower than the run. What became of nodes meanwhile is in
    /// what is known, and is not told again.
    fn missed(&mut self, events: u64, known: &Known) {
        let _ = (events, known);
    }

    /// Nothing more happens.
    fn end(&mut self, end: End<'_>, known: &Known) {
        let _ = (end, known);
    }

    /// What went wrong and should be told in the report: a file that could not be written, say. It is asked once, when
    /// nothing more happens. `None`, unless it says otherwise.
    fn error(&self) -> Option<String> {
        None
    }
}

/// How a run ended, for its trackers.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum End<'a> {
    /// It came to its end, or was stopped: this is all that is true of it, as in the report.
    Over(&'a Machine),
    /// Nobody waits for it any more.
    GivenUp,
}

/// A tracker, and what it said of itself.
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
