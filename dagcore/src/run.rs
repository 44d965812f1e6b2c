//! [`Run`]: the handle to a running workflow.

mod events;
mod steering;
mod stepping;

pub use events::Events;

use crate::dag::{NodeExplanation, NodeId, Possible, Progress, RuleExplanation};
use crate::engine::Going;
use crate::error::Error;
use crate::report::{self, Report};
use crate::typed::AnyNode;
use std::fmt;

/// A handle to a running workflow, returned by [`Workflow::start`](crate::Workflow::start).
///
/// The progress of the run, and the reasons why a node or a rule waits, can be queried at any time. The run keeps no
/// counters for this: a query pauses the run and reads its nodes, which takes about 20 ms for a million of them. So
/// query a few times a second, not in a loop.
///
/// A predicate, a view or a `retry_if` of the same run cannot query it: the state of the run is locked while these
/// closures run, and each of these methods panics.
///
/// There is one `Run` for each run, and it is not `Clone`: its owner decides how long the run continues. Dropping it
/// before the end aborts the run: no further node starts, waiting async stages are dropped, running plain stages
/// continue to their end, and there is no report. The run belongs to the runtime that it was started in: if that
/// runtime is shut down, the run never ends.
///
/// ```
/// # use dagcore::prelude::*;
/// use std::time::Duration;
///
/// #[stage]
/// async fn wait(seconds: u64) -> u64 {
///     tokio::time::sleep(Duration::from_secs(seconds)).await;
///     seconds
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), dagcore::Error> {
/// let mut flow = Workflow::new("waits");
/// let first = flow.add(wait::new(10_u64).named("first"));
/// let second = flow.add(wait::new(20_u64).after(first));
///
/// let run = flow.start()?;
/// loop {
///     tokio::select! {
///         () = run.ended() => break,
///         () = tokio::time::sleep(Duration::from_secs(4)) => println!("{}", run.progress()),
///     }
///     assert!(run.progress().fraction() <= 0.5);
/// }
/// assert_eq!(run.progress().fraction(), 1.0);
/// let report = run.wait().await?;
/// assert_eq!(*report.output(second)?, 20);
/// # Ok(())
/// # }
/// ```
#[must_use = "a run is aborted when it is dropped: wait for it"]
pub struct Run(Going);

impl Run {
    /// Spawns the run, which then proceeds in the background.
    pub(crate) fn start(going: Going) -> Self {
        going.spawn();
        Self(going)
    }

    /// Returns the name of the workflow.
    pub fn name(&self) -> &str {
        self.0.tag().name()
    }

    /// Returns the progress of the run: the nodes that are known, those that have ended, and those that may still be
    /// added.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// async fn page(depth: u32) -> u32 {
    ///     depth
    /// }
    ///
    /// #[stage]
    /// fn index(pages: Vec<u32>) -> usize {
    ///     pages.len()
    /// }
    ///
    /// rule! {
    ///     follow: when each(page), adds [page] within 2,
    ///     then |grow, _node, depth| { grow.add(page::new(depth + 1)); }
    /// }
    ///
    /// rule! {
    ///     finish: when closed(page), adds [index],
    ///     then |grow, pages| { grow.add(index::new(pages)); }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("pages").rules(rules![follow, finish]);
    /// flow.add(page::new(0_u32));
    /// let run = flow.start()?;
    /// let before = run.progress(); // nothing has run yet
    /// assert_eq!(
    ///     before.to_string(),
    ///     "0 of 1 known nodes have ended (0 %), 1 ready\n  \
    ///      page: 0 of 1 so far, 1 ready; it may grow by rule `follow`, while `page` is not done\n  \
    ///      index: 0 of 0 so far; it may grow by rule `finish`"
    /// );
    ///
    /// let after = run.wait().await?.progress();
    /// assert_eq!(after.stage("page").and_then(|page| page.total), Some(3));
    /// assert!(after.fraction() == 1.0 && after.growths() > before.growths());
    /// # Ok(())
    /// # }
    /// ```
    pub fn progress(&self) -> Progress {
        self.0.look(|machine| machine.progress())
    }

    /// Returns the possible graph: the nodes that the run can still add, and those that it has added so far. See
    /// [`Workflow::possible`](crate::Workflow::possible). Until the run is sealed, there may be any number of nodes of
    /// each stage that has not closed, because they may be appended.
    pub fn possible(&self) -> Possible {
        self.0.look(Possible::of).titled(self.name())
    }

    /// Explains what a node waits for at this moment, or how it ended.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// async fn forever() -> u32 {
    ///     std::future::pending().await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("waits");
    /// let first = flow.add(forever::new().named("first"));
    /// let second = flow.add(forever::new().after(first).named("second"));
    /// let run = flow.start()?;
    /// tokio::task::yield_now().await;
    /// assert_eq!(run.explain(second).to_string(), "node `second` waits for `first` (running)");
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(&self, node: impl Into<AnyNode>) -> NodeExplanation {
        report::explain(node.into(), self.0.tag(), "a run", |node| self.0.explain(node))
    }

    /// Explains what the rules of this name wait for, what they have found, and how often they have fired. Returns an
    /// empty list if there is no rule of this name. A rule without a name is identified by its source location:
    /// `src/main.rs:12`.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// async fn forever() -> u32 {
    ///     std::future::pending().await
    /// }
    ///
    /// #[stage]
    /// fn total(all: Vec<u32>) -> u32 {
    ///     all.iter().sum()
    /// }
    ///
    /// rule! {
    ///     again: when each(forever), adds [forever] within 3,
    ///     then |grow, node, _n| { grow.add(forever::new().after(node)); }
    /// }
    ///
    /// rule! {
    ///     finish: when closed(forever), adds [total],
    ///     then |grow, all| { grow.add(total::new(all)); }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("waits").rules(rules![again, finish]);
    /// flow.add(forever::new().named("first"));
    /// let run = flow.start()?;
    /// tokio::task::yield_now().await;
    /// assert_eq!(
    ///     run.explain_rule("finish")[0].to_string(),
    ///     "rule `finish` has not fired: `forever` has not closed: `first` (running) may lead to another"
    /// );
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain_rule(&self, name: &str) -> Vec<RuleExplanation> {
        self.0.look(|machine| machine.explain_rules(name))
    }

    /// Returns the name of a node: its own name, or else its stage with its key or number.
    pub fn node_name(&self, node: NodeId) -> String {
        self.0.look(|machine| machine.graph().name(node))
    }

    /// Waits until the run has ended. It is cancel safe: the future can be dropped and created again, in a `select!`
    /// for instance.
    pub async fn ended(&self) {
        self.0.ended().await;
    }

    /// Waits until the run has ended, and returns its report. Dropping the future aborts the run, like dropping the
    /// [`Run`].
    ///
    /// # Errors
    ///
    /// [`Error::Failed`], with the report, if a node or a rule failed or was cancelled, or the run was stopped.
    pub async fn wait(self) -> Result<Report, Error> {
        self.0.seal();
        self.0.ended().await;
        self.0.report().await
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run of workflow `{}`: {}", crate::dag::Name(self.name()), self.progress())
    }
}
