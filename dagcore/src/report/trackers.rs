//! What became of the trackers of a run.

use super::Report;
use crate::port::TrackerReport;

impl Report {
    /// What became of the trackers, in the order in which they were given to the workflow: how many events each has taken
    /// in and missed, whether it panicked, whether it was done in time. None of it makes a run a failure.
    pub fn trackers(&self) -> &[TrackerReport] {
        &self.trackers
    }
}
