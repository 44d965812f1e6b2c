//! Appending to a run, pausing it, and cancelling it.

use super::Run;
use crate::dag::{CancelScope, NodeId};
use crate::error::{AppendError, AppendErrorKind};
use crate::registry;
use crate::typed::{AnyNode, Anything, Growth, Stage, Who};

impl Run {
    /// Adds nodes and rules while the run is in progress. All additions of the body are inserted together, or none is.
    ///
    /// The new nodes have no parent in the lineage, like those that the program adds before the run. A stage that has
    /// closed accepts no further node, because the rules that waited for its closing may have fired. A run that has
    /// ended accepts nothing: to append later, keep a node running that waits, on a channel for instance.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use tokio::sync::oneshot;
    /// use std::sync::Mutex;
    ///
    /// #[stage]
    /// async fn doorman(closing: &Mutex<Option<oneshot::Receiver<()>>>) {
    ///     let closing = closing.lock().unwrap().take().expect("there is one doorman");
    ///     closing.await.ok();
    /// }
    ///
    /// #[stage]
    /// async fn guest(name: String) -> String {
    ///     name
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let (close, closing) = oneshot::channel();
    /// let mut flow = Workflow::new("party");
    /// flow.add(doorman::new(Mutex::new(Some(closing))));
    /// let run = flow.start()?;
    /// let ada = run.append(|grow| grow.add(guest::new("Ada")))?;
    /// close.send(()).expect("the doorman waits");
    /// assert_eq!(run.wait().await?.output(ada)?, "Ada");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the run has ended, is being cancelled or is [sealed](Self::seal); if an appended node belongs to a stage that
    /// has closed, or may lead to such a node; and for the problems that a workflow or a rule is rejected for too: a
    /// handle of another workflow, or rules that break the laws.
    pub fn append<R>(&self, body: impl FnOnce(&mut Growth<'_, Anything>) -> R) -> Result<R, AppendError> {
        let mut body = Some(body);
        let mut result = None;
        let added = self.0.append(&mut |batch, host| {
            result = body.take().map(|body| body(&mut Growth::new(batch, host, Who::Outside)));
        });
        let error = |kind| AppendError { workflow: self.name().to_owned(), kind };
        added.map_err(error)?;
        result.ok_or_else(|| error(AppendErrorKind::Ended)) // what is accepted has run
    }

    /// Declares that nothing will be appended any more: [`append`](Self::append) returns an error from now on.
    ///
    /// As long as nodes may be appended, a stage that has not closed has no final
    /// [total](crate::dag::StageProgress::total). After this call it has one as soon as no rule and no node can add to
    /// it. [`wait`](Self::wait) seals the run, too.
    pub fn seal(&self) {
        self.0.seal();
    }

    /// Pauses the run: no further node starts until [`resume`](Self::resume). Running nodes continue, and rules that
    /// become applicable are applied. Time is not paused: timeouts, deadlines and the delays between attempts keep
    /// counting.
    ///
    /// After this method returns, the only functions that may still be called are those of nodes that were already
    /// recorded as started.
    pub fn pause(&self) {
        self.0.hold(true);
    }

    /// Resumes the run: nodes start again.
    pub fn resume(&self) {
        self.0.hold(false);
    }

    /// Cancels the run gracefully: no further node starts, no further rule is applied, and all nodes that have not
    /// started are cancelled.
    ///
    /// Running nodes are [notified](crate::StageContext::is_cancelled), and have the
    /// [grace period](crate::Workflow::grace) to finish; their results count. Nodes that still run after that are
    /// cancelled too: futures are dropped; a plain function cannot be stopped, and its result is discarded. Then the
    /// run ends, and its report and its trackers are finished as usual.
    ///
    /// A second call ends the grace period at once.
    ///
    /// After this method returns, no further node starts. A function may still be called just afterwards if its node
    /// was already recorded as started; that node counts as running. Every node whose function was called has a start
    /// in the report. The same holds for [`cancel_node`](Self::cancel_node), [`cancel_subtree`](Self::cancel_subtree)
    /// and [`cancel_stage`](Self::cancel_stage).
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// # use std::time::Duration;
    /// #[stage]
    /// async fn wait(seconds: u64) -> u64 {
    ///     tokio::time::sleep(Duration::from_secs(seconds)).await;
    ///     seconds
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("waits").grace(Duration::from_secs(5));
    /// let (short, long) = (flow.add(wait::new(4_u64)), flow.add(wait::new(60_u64)));
    /// let after = flow.add(wait::new(short));
    /// let run = flow.start()?;
    /// tokio::time::sleep(Duration::from_secs(1)).await;
    /// run.cancel();
    /// let report = run.wait().await.or_else(dagcore::Error::into_report)?;
    /// assert_eq!(report.state(short), Some(NodeState::Succeeded)); // in its time of grace
    /// assert_eq!(report.state(long), Some(NodeState::Cancelled));
    /// assert_eq!(report.state(after), Some(NodeState::Cancelled));
    /// assert_eq!(report.stopped(), Some("the run was cancelled"));
    /// assert_eq!(report.duration().as_secs(), 6);
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self) {
        self.0.cancel(CancelScope::EntireRun, "the run was cancelled");
    }

    /// Cancels a node in any state. The other nodes continue, the dependents of the node are skipped, and the run ends
    /// as failed. Does nothing if the node has ended or belongs to another workflow.
    ///
    /// If the node is running, its result is discarded: a future is dropped, a plain function is
    /// [notified](crate::StageContext::is_cancelled).
    pub fn cancel_node(&self, node: impl Into<AnyNode>) {
        self.cancel_own(node.into(), CancelScope::SingleNode, "the program cancelled it with `cancel_node`");
    }

    /// Cancels a node and its subtree in the lineage, now and later: the nodes that rules add for it, the nodes that
    /// they add for those, and so on.
    pub fn cancel_subtree(&self, node: impl Into<AnyNode>) {
        self.cancel_own(
            node.into(),
            CancelScope::Subtree,
            "the program cancelled it, or a node above it in the lineage, with `cancel_subtree`",
        );
    }

    /// Cancels all nodes of a stage that have not ended, and all that are added later.
    pub fn cancel_stage<S: Stage>(&self) {
        self.0.cancel(
            CancelScope::WholeStage(registry::id(S::spec())),
            "the program cancelled its stage with `cancel_stage`",
        );
    }

    fn cancel_own(&self, node: AnyNode, what: fn(NodeId) -> CancelScope, why: &str) {
        if node.tag == self.0.tag().id() && self.0.look(|machine| machine.graph().contains(node.id)) {
            self.0.cancel(what(node.id), why);
        }
    }
}
