//! Everything that can come of asking for a run, other than its success.

mod append;

use crate::dag::{Message, Name};
use crate::report::{OutputError, Report};
use crate::view::PictureError;
pub use append::{AppendError, AppendErrorKind};
use std::fmt;

/// Why a run did not give what was asked for.
///
/// Its `Debug` is its `Display`, so that `fn main() -> Result<(), dagcore::Error>` prints something to read.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::Error;
///
/// #[stage]
/// fn half(n: u32) -> Result<u32, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
///
/// let mut flow = Workflow::new("halves");
/// flow.add(half::new(7));
/// match flow.run_blocking() {
///     Ok(report) => println!("{report}"),
///     Err(Error::Failed(report)) => assert_eq!(report.failures().count(), 1),
///     Err(other) => panic!("it did not run: {other}"),
/// }
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The workflow was put together wrongly. Nothing ran.
    #[error(transparent)]
    Build(#[from] BuildError),

    /// `run` or `start` was called outside of a tokio runtime.
    #[error(
        "`run` and `start` need a tokio runtime around them, and there is none: call them from an async function under \
         `#[tokio::main]`, or use `run_blocking`"
    )]
    NoRuntime,

    /// `run_blocking` was called inside of an async runtime, which it would block.
    #[error(
        "`run_blocking` was called inside of an async runtime, which it would block: use `run().await` there; \
         in a plain or blocking stage, `tokio::runtime::Handle::current().block_on(flow.run())`"
    )]
    InsideRuntime,

    /// `run_blocking` could not start a runtime.
    #[error("no runtime could be started: {0}")]
    Runtime(#[from] std::io::Error),

    /// A node or a rule failed, a node was cancelled, or the run was stopped. Everything that did not depend on it ran all the same, and is in the report.
    #[error("{0}")]
    Failed(Box<Report>),

    /// An output was asked for that is not there.
    #[error(transparent)]
    Output(#[from] OutputError),

    /// A picture could not be written.
    #[error(transparent)]
    Picture(#[from] PictureError),

    /// Something was to be added to a run that it does not take.
    #[error(transparent)]
    Append(#[from] AppendError),

    /// A schedule was to be replayed that does not fit the program. Only the feature `testing` has schedules.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
}

impl Error {
    /// The report of a run that ended as failed, for those who go on with what succeeded:
    /// `flow.run().await.or_else(Error::into_report)?`.
    ///
    /// # Errors
    ///
    /// This error itself, when there was no run.
    pub fn into_report(self) -> Result<Report, Self> {
        match self {
            Self::Failed(report) => Ok(*report),
            other => Err(other),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wrong with a workflow, all of it at once.
///
/// ```
/// # use dagcore::prelude::*;
/// let Err(dagcore::Error::Build(error)) = Workflow::new("none").concurrency(0).run_blocking() else {
///     panic!("nothing can run");
/// };
/// assert_eq!(error.problems(), ["`concurrency(0)` lets nothing run: write at least 1"]);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuildError {
    pub(crate) workflow: String,
    pub(crate) problems: Vec<String>,
}

impl BuildError {
    /// The problems, one sentence each.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "workflow `{}` cannot run", Name(&self.workflow))?;
        match self.problems.as_slice() {
            [problem] => write!(f, ": {}", Message(problem)),
            problems => problems.iter().try_for_each(|problem| write!(f, "\n  {}", Message(problem))),
        }
    }
}

impl std::error::Error for BuildError {}

/// What is wrong with a schedule: it is no schedule at all, or not one of the program that was to replay it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("step {step} of the schedule {}", Message(.problem))]
pub struct ScheduleError {
    pub(crate) step: usize,
    pub(crate) problem: String,
}

impl ScheduleError {
    /// The step, counted from one.
    pub fn step(&self) -> usize {
        self.step
    }
}
