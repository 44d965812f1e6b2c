//! Ids of the parts of a run: dense indices that are valid within one run only.

use std::fmt;
use std::time::Duration;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// Represents "none" in the compact records.
            pub(crate) const NONE: Self = Self(u32::MAX);

            /// Returns the id with this index, counted from zero.
            ///
            /// An index of `u32::MAX` or more is not a valid id; the result then matches no item.
            pub fn from_index(index: usize) -> Self {
                u32::try_from(index).map_or(Self::NONE, Self)
            }

            /// Returns the index of this id, counted from zero.
            pub fn index(self) -> usize {
                self.0 as usize
            }

            pub(crate) fn is_some(self) -> bool {
                self != Self::NONE
            }

        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

id!(
    /// A node's position in the order in which the nodes of a run were added. A parent has a smaller id than its
    /// dependents.
    NodeId
);
id!(
    /// A stage: one kind of node.
    StageId
);
id!(
    /// A rule's position in the order in which the rules of a run were registered.
    RuleId
);
id!(
    /// A firing's position in the order of the firings of a run.
    FiringId
);

/// A point in time, in nanoseconds since the run began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Time(u64);

impl Time {
    /// The time at which the run began.
    pub const START: Self = Self(0);

    /// Represents a time that has not been reached.
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// Returns the time `since_start` after the run began. Saturates after 584 years.
    pub fn after(since_start: Duration) -> Self {
        let seconds = since_start.as_secs().saturating_mul(1_000_000_000);
        Self(seconds.saturating_add(u64::from(since_start.subsec_nanos())))
    }

    /// Returns the duration since the run began.
    pub fn since_start(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// Returns the time `by` after this one.
    pub(crate) fn later(self, by: Duration) -> Self {
        Self::after(self.since_start().saturating_add(by))
    }

    /// Returns the duration since `earlier`; zero if this time is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.nanos_since(earlier))
    }

    /// Returns the nanoseconds since `earlier`; zero if this time is not later.
    #[inline]
    pub(crate) fn nanos_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Displays the duration since the run began: `4.5ms`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1?}", self.since_start())
    }
}

/// A group's position in the order in which groups were created.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct GroupId(pub(in crate::dag) u32);

impl GroupId {
    /// Represents "in no group".
    pub(crate) const NONE: Self = Self(u32::MAX);
}
