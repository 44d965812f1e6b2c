//! The states of a node.

/// What a node is doing.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn no() -> Result<u32, String> {
///     Err("no".to_owned())
/// }
///
/// let mut flow = Workflow::new("states");
/// let first = flow.add(no::new());
/// let second = flow.add(no::new().after(first));
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert_eq!((report.state(first), report.state(second)), (Some(NodeState::Failed), Some(NodeState::Skipped)));
/// assert!(NodeState::Skipped.is_settled() && !NodeState::Running.is_settled());
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum NodeState {
    /// It waits for nodes that it needs.
    Waiting,
    /// It could run now.
    Ready,
    /// It runs.
    Running,
    /// It failed, and will be tried again after a delay.
    AwaitingRetry,
    /// It ended well, and its output can be read.
    Succeeded,
    /// It ended with an error or a panic.
    Failed,
    /// It will not run: a node that it needs did not succeed.
    Skipped,
    /// Somebody did not want it any more.
    Cancelled,
}

impl NodeState {
    /// All states, in the order in which they stand here.
    pub const ALL: &[Self] = &[
        Self::Waiting,
        Self::Ready,
        Self::Running,
        Self::AwaitingRetry,
        Self::Succeeded,
        Self::Failed,
        Self::Skipped,
        Self::Cancelled,
    ];

    /// Whether nothing more will happen to the node.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Succeeded) || self.is_lost()
    }
}

impl NodeState {
    /// Whether it has ended, and not well.
    pub(crate) fn is_lost(self) -> bool {
        matches!(self, Self::Failed | Self::Skipped | Self::Cancelled)
    }
}

impl std::fmt::Display for NodeState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::AwaitingRetry => "awaiting retry",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        })
    }
}
