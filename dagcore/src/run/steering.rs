//! Adding to a run from outside, holding it, and cancelling it.

use super::Run;
use crate::dag::{CancelScope, NodeId};
use crate::error::{AppendError, AppendErrorKind};
use crate::registry;
use crate::typed::{AnyNode, Anything, Growth, Stage, Who};

impl Run {
    /// Adds nodes and rules while the run goes on. What the body adds is taken in together, or not at all.
    ///
    /// The program adds, so nothing above it in the lineage changes; but a stage that has closed takes nothing more: what
    /// waited for that has happened. A run that has come to its end takes nothing at all: what is to be added to later keeps
    /// a node that waits, on a channel for instance.
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
    /// If the run has ended, is being cancelled or is [sealed](Self::seal); if an appended node belongs to a stage that has closed,
    /// or may lead to one; and for what a workflow or a rule would be refused for too: a handle of another workflow, rules that break the laws.
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
    /// As long as nodes may be appended, a stage that has not closed has no final [total](crate::dag::StageProgress::total). After
    /// this it has one as soon as no rule and no node can add to it. [`wait`](Self::wait) seals the run, too.
    pub fn seal(&self) {
        self.0.seal();
    }

    /// Lets no further node start, until [`resume`](Self::resume). What runs goes on, and rules that follow from it are
    /// applied. Time goes on too: for timeouts, deadlines, and delays between attempts.
    ///
    /// After this returns, only functions of nodes that were already recorded as started begin.
    pub fn pause(&self) {
        self.0.hold(true);
    }

    /// Lets nodes start again.
    pub fn resume(&self) {
        self.0.hold(false);
    }

    /// Cancels the run, in order: no further node starts and no rule is applied, and all that has not begun is cancelled.
    ///
    /// What runs is [told](crate::StageContext::is_cancelled), and has the [time of grace](crate::Workflow::grace) to come
    /// to its end, which counts. What runs on after that is cancelled too: futures are dropped; a plain function cannot be
    /// stopped, and what it gives is dropped. Then the run ends, and its report and its trackers are finished as ever.
    ///
    /// Called a second time, it ends the time of grace at once.
    ///
    /// After this returns, no further node starts. A function may still be called just afterwards if its node was already recorded
    /// as started; that node counts as running. Every node whose function was called has a start in the report. The same holds for
    /// [`cancel_node`](Self::cancel_node), [`cancel_subtree`](Self::cancel_subtree) and
    /// [`cancel_stage`](Self::cancel_stage).
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

    /// Cancels a node, whatever it is doing; the rest goes on. What needs it is skipped, and the run ends as one that failed.
    /// Nothing happens when it has ended, or belongs to another workflow.
    ///
    /// If it runs, it does not count any more what becomes of it: a future is dropped, a plain function is
    /// [told](crate::StageContext::is_cancelled).
    pub fn cancel_node(&self, node: impl Into<AnyNode>) {
        self.cancel_own(node.into(), CancelScope::SingleNode, "the program cancelled it with `cancel_node`");
    }

    /// Cancels a node, and all that is below it in the lineage or would ever be: what rules add for it, what they add for
    /// that, and so on.
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
