//! A check of the order in which nodes ran.

use super::Report;
use crate::dag::OutOfOrder;

impl Report {
    /// Checks that each node ran after the nodes that it needs, by the states and times in the report: see
    /// [`Graph::check_order`](crate::dag::Graph::check_order). The library ensures this order itself; this method lets
    /// a test verify it independently.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn double(n: u32) -> u32 {
    ///     2 * n
    /// }
    ///
    /// let mut flow = Workflow::new("doubles");
    /// let first = flow.add(double::new(1_u32));
    /// flow.add(double::new(first));
    /// flow.run_blocking()?.check_order()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a node started before all its parents had ended, ran although a parent that had to succeed did not, or
    /// succeeded without having started. The error lists all of these.
    pub fn check_order(&self) -> Result<(), OutOfOrder> {
        self.graph().check_order()
    }
}
