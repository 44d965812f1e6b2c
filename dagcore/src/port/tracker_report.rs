//! What became of a tracker.

use crate::dag::{Message, Name};
use std::fmt;

/// What became of a tracker, for the report: see [`Report::trackers`](crate::Report::trackers).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackerReport {
    pub(crate) name: String,
    pub(crate) seen: u64,
    pub(crate) missed: u64,
    pub(crate) left: u64,
    pub(crate) late: bool,
    pub(crate) error: Option<String>,
}

impl TrackerReport {
    /// The tracker's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many events it has taken in.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// How many events were dropped, because it was slower than the run.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// How many events still waited for it when the report was made. Of a tracker that panicked nobody knows.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Whether it was not done when the report was made, and the run's end waited no longer for it.
    pub fn is_late(&self) -> bool {
        self.late
    }

    /// What went wrong: the message of its panic, or why it has no thread, and then it was told nothing more; or what it
    /// says itself, by [`Tracker::error`](crate::Tracker::error).
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Whether it was told everything, had no error, and was done in time.
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && !self.late && self.missed == 0
    }
}

impl fmt::Display for TrackerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tracker `{}` took in {} events", Name(&self.name), self.seen)?;
        if self.missed > 0 {
            write!(f, ", missed {}", self.missed)?;
        }
        match &self.error {
            Some(error) => write!(f, ", and then {}", Message(error)),
            None if self.late => write!(f, ", and was not done when the run ended: {} were left", self.left),
            None => Ok(()),
        }
    }
}
