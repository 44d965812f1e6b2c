//! The report on one tracker.

use crate::dag::{Message, Name};
use std::fmt;

/// A report on one tracker: see [`Report::trackers`](crate::Report::trackers).
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
    /// Returns the tracker's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number of events that the tracker has processed.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Returns the number of events that were dropped because the tracker was slower than the run.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// Returns the number of events that were still queued when the report was made. For a tracker that panicked, this
    /// number is not known.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Returns `true` if the tracker had not finished when its drain timeout passed and the report was made.
    pub fn is_late(&self) -> bool {
        self.late
    }

    /// Returns the tracker's error: the message of its panic, the reason why its thread could not be started, or the
    /// error returned by [`Tracker::error`](crate::Tracker::error). In the first two cases the tracker received no
    /// further events.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns `true` if the tracker received every event, had no error and finished in time.
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
            None if self.late => write!(f, ", and was not done when the run ended: {} were still queued", self.left),
            None => Ok(()),
        }
    }
}
