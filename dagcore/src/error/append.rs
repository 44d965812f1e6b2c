//! Why nothing was appended to a run.

use crate::dag::{Message, Name, Refused};

/// The error of [`Run::append`](crate::Run::append): nothing was added.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::AppendErrorKind;
///
/// #[stage]
/// async fn step() {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), dagcore::Error> {
/// let mut flow = Workflow::new("sealed");
/// flow.add(step::new());
/// let run = flow.start()?;
/// run.seal();
/// let error = run.append(|grow| grow.add(step::new())).unwrap_err();
/// assert_eq!(error.kind(), &AppendErrorKind::Sealed);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("nothing was added to workflow `{}`: {}", Name(.workflow), Message(&.kind.to_string()))]
pub struct AppendError {
    pub(crate) workflow: String,
    pub(crate) kind: AppendErrorKind,
}

impl AppendError {
    /// Returns the reason, to match on. Its `Display` is a sentence.
    pub fn kind(&self) -> &AppendErrorKind {
        &self.kind
    }
}

/// Why [`Run::append`](crate::Run::append) added nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendErrorKind {
    /// The run has ended, or was stopped.
    #[error("the run has ended")]
    Ended,
    /// The whole run is being cancelled.
    #[error("the run is being cancelled")]
    Cancelled,
    /// The run was [sealed](crate::Run::seal).
    #[error("the run was sealed with `seal`")]
    Sealed,
    /// This thread is in a body that adds to the same run.
    #[error("something is being added on this thread already: add everything at once")]
    AlreadyAdding,
    /// The calling body and a body of that run would wait for each other forever.
    #[error("{0}")]
    Deadlock(String),
    /// A rule breaks the laws of rule sets, together with those that the run has: one sentence for each problem.
    #[error("{}", .0.join("; "))]
    UnlawfulRules(Vec<String>),
    /// The additions are wrong in themselves, such as a handle of another workflow: one sentence for each problem.
    #[error("{}", .0.join("; "))]
    Invalid(Vec<String>),
    /// A limit of [`GrowthLimits`](crate::GrowthLimits) would be exceeded. The run goes on.
    #[error("{0}")]
    GrowthLimit(String),
    /// The state of the run refuses the additions: [`Refused::Closed`] for a stage that has closed, for example.
    #[error(transparent)]
    Refused(#[from] Refused),
}
