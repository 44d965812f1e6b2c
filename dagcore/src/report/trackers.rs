//! The reports of a run's trackers.

use super::Report;
use crate::port::TrackerReport;

impl Report {
    /// Returns the reports of the trackers, in the order in which they were registered with the workflow: how many
    /// events each has processed and missed, whether it panicked, and whether it finished in time. None of this makes a
    /// run a failure.
    pub fn trackers(&self) -> &[TrackerReport] {
        &self.trackers
    }
}
