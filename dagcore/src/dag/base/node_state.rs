//! The states of a node.

/// The state of a node.
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
    /// Some of its dependencies have not settled.
    Waiting,
    /// All dependencies are met, and the node can start.
    Ready,
    /// The node is running.
    Running,
    /// An attempt failed, and the node is retried after a delay.
    AwaitingRetry,
    /// The node succeeded, and its output can be read.
    Succeeded,
    /// The node failed with an error or a panic.
    Failed,
    /// The node does not run, because a dependency did not succeed.
    Skipped,
    /// The node was cancelled.
    Cancelled,
}

impl NodeState {
    /// All states, in declaration order.
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

    /// Returns `true` if the state is final.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Succeeded) || self.is_lost()
    }
}

impl NodeState {
    /// Returns `true` if the state is final and not a success.
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
