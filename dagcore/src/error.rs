//! The errors of building, running, drawing and appending.

mod append;

use crate::dag::{Message, Name};
use crate::report::{OutputError, Report};
use crate::view::PictureError;
pub use append::{AppendError, AppendErrorKind};
use std::fmt;

/// An error from building or running a workflow, or from reading its results.
///
/// `Debug` prints the same text as `Display`, so that `fn main() -> Result<(), dagcore::Error>` prints a readable
/// message.
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
    /// The workflow is invalid. Nothing ran.
    #[error(transparent)]
    Build(#[from] BuildError),

    /// `run` or `start` was called outside of a tokio runtime.
    #[error(
        "`run` and `start` need a tokio runtime, and there is none: call them from an async function under \
         `#[tokio::main]`, or use `run_blocking`"
    )]
    NoRuntime,

    /// `run_blocking` was called inside an async runtime, which it would block.
    #[error(
        "`run_blocking` was called inside of an async runtime, which it would block: use `run().await` there; \
         in a plain or blocking stage, `tokio::runtime::Handle::current().block_on(flow.run())`"
    )]
    InsideRuntime,

    /// `run_blocking` could not build a runtime.
    #[error("no runtime could be started: {0}")]
    Runtime(#[from] std::io::Error),

    /// A node or a rule failed, a node was cancelled, or the run was stopped. The report is included. Unless the run
    /// was stopped, all nodes that do not depend on a failed or cancelled node ran.
    #[error("{0}")]
    Failed(Box<Report>),

    /// A requested output is not available.
    #[error(transparent)]
    Output(#[from] OutputError),

    /// A picture could not be written.
    #[error(transparent)]
    Picture(#[from] PictureError),

    /// The run did not accept an append.
    #[error(transparent)]
    Append(#[from] AppendError),

    /// A replayed schedule does not fit the program. Occurs only with the feature `testing`.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
}

impl Error {
    /// Returns the report of a failed run, for callers that continue with the results that succeeded:
    /// `flow.run().await.or_else(Error::into_report)?`.
    ///
    /// # Errors
    ///
    /// Returns the error itself if it carries no report, because nothing ran.
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

/// All problems that make a workflow invalid.
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
    /// Returns the problems, one sentence each.
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

/// The error of a schedule that cannot be parsed, or that does not fit the program it is replayed with.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("step {step} of the schedule {}", Message(.problem))]
pub struct ScheduleError {
    pub(crate) step: usize,
    pub(crate) problem: String,
}

impl ScheduleError {
    /// Returns the number of the invalid step, counted from one.
    pub fn step(&self) -> usize {
        self.step
    }
}
