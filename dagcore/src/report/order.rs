//! Whether the run went in order.

use super::Report;
use crate::dag::OutOfOrder;

impl Report {
    /// Checks, by the report's own states and times, that each node ran after what it needs: see
    /// [`Graph::check_order`](crate::dag::Graph::check_order). The library sees to that itself; this is for a test that
    /// does not take its word.
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
    /// When a node began before all its parents had ended, ran though one of them had to succeed and did not, or
    /// succeeded without having begun: all of these.
    pub fn check_order(&self) -> Result<(), OutOfOrder> {
        self.graph().check_order()
    }
}
