//! The small numbers by which a run names its parts. They are good for one run only.

use std::fmt;
use std::time::Duration;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// Stands for "none" in the compact records.
            pub(crate) const NONE: Self = Self(u32::MAX);

            /// The id of the `index`-th one, counted from zero.
            ///
            /// An index above four thousand million cannot be an id; it gives one that nothing has.
            pub fn from_index(index: usize) -> Self {
                u32::try_from(index).map_or(Self::NONE, Self)
            }

            /// The position that this id stands for, counted from zero.
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
    /// A node's place in the order in which a run's nodes were added. A parent has the smaller id.
    NodeId
);
id!(
    /// A stage: one kind of node.
    StageId
);
id!(
    /// A rule's place in the order in which a run's rules were registered.
    RuleId
);
id!(
    /// A firing's place in the order of a run's firings.
    FiringId
);

/// A moment of a run, in nanoseconds since the run began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Time(u64);

impl Time {
    /// The moment the run began.
    pub const START: Self = Self(0);

    /// Stands for a moment that has not come.
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// The moment `since_start` after the run began; after 584 years it stands still.
    pub fn after(since_start: Duration) -> Self {
        let seconds = since_start.as_secs().saturating_mul(1_000_000_000);
        Self(seconds.saturating_add(u64::from(since_start.subsec_nanos())))
    }

    /// How long after the run's beginning this is.
    pub fn since_start(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// The moment so long after this one.
    pub(crate) fn later(self, by: Duration) -> Self {
        Self::after(self.since_start().saturating_add(by))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.nanos_since(earlier))
    }

    /// The same in nanoseconds.
    #[inline]
    pub(crate) fn nanos_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// How long after the run's beginning: `4.5ms`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1?}", self.since_start())
    }
}

/// A group's place in the order in which groups came to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct GroupId(pub(in crate::dag) u32);

impl GroupId {
    /// Stands for "in no group".
    pub(crate) const NONE: Self = Self(u32::MAX);
}
