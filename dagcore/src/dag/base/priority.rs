//! The priority and the expected duration of a node, from its call or its stage. They decide which ready node starts
//! first.

use std::time::Duration;

/// The priority and the expected duration of a node; both are optional.
///
/// A call sets them for its node, with [`priority`](crate::Call::priority) and [`expected`](crate::Call::expected), and
/// a stage for all of its nodes: `#[stage(priority = 5, expected = "2s")]`. The values of the call take precedence.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Rank {
    priority: Option<i32>,
    expected: Option<Duration>,
}

impl Rank {
    /// Creates a rank with neither value set.
    pub const fn new() -> Self {
        Self { priority: None, expected: None }
    }

    /// Sets the priority. Of the nodes that are ready, those with the highest priority start first. The default is 0.
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Sets the expected duration of the node.
    pub const fn expected(mut self, expected: Duration) -> Self {
        self.expected = Some(expected);
        self
    }

    /// Returns this rank, with unset values taken from `general`.
    pub(crate) fn or(self, general: Self) -> Self {
        Self { priority: self.priority.or(general.priority), expected: self.expected.or(general.expected) }
    }

    /// Returns `true` if a priority is set.
    pub(crate) fn has_priority(&self) -> bool {
        self.priority.is_some()
    }

    /// Returns the priority, or 0 if none is set.
    pub(crate) fn urgency(&self) -> i32 {
        self.priority.unwrap_or(0)
    }

    /// Returns the expected duration, if one is set.
    pub(crate) fn time(&self) -> Option<Duration> {
        self.expected
    }
}
