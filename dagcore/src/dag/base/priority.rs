//! What is said of a node, or of all nodes of a stage, for whoever decides which of them starts first.

use std::time::Duration;

/// How urgent a node is, and how long it is expected to take; each of them may be left unsaid.
///
/// A call says it of its node, with [`priority`](crate::Call::priority) and [`expected`](crate::Call::expected), and a
/// stage of all of its nodes: `#[stage(priority = 5, expected = "2s")]`. What a call says counts more.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Rank {
    priority: Option<i32>,
    expected: Option<Duration>,
}

impl Rank {
    /// Nothing is said.
    pub const fn new() -> Self {
        Self { priority: None, expected: None }
    }

    /// Of the nodes that could start, those with the highest priority start first. It is 0 where nobody says it.
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = Some(priority);
        self
    }

    /// The node is expected to take so long.
    pub const fn expected(mut self, expected: Duration) -> Self {
        self.expected = Some(expected);
        self
    }

    /// What is said here, and else what `general` says.
    pub(crate) fn or(self, general: Self) -> Self {
        Self { priority: self.priority.or(general.priority), expected: self.expected.or(general.expected) }
    }

    /// Whether it says how urgent the node is.
    pub(crate) fn has_priority(&self) -> bool {
        self.priority.is_some()
    }

    /// How urgent the node is.
    pub(crate) fn urgency(&self) -> i32 {
        self.priority.unwrap_or(0)
    }

    /// How long the node is expected to take, if that is said.
    pub(crate) fn time(&self) -> Option<Duration> {
        self.expected
    }
}
