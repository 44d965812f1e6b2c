//! A run in the hand, while it goes on.

use crate::dag::{NodeExplanation, NodeId, Possible, Progress, RuleExplanation, Unwanted};
use crate::engine::{Following, Going, Update};
use crate::error::{AppendError, Error};
use crate::registry;
use crate::report::{self, Report};
use crate::typed::{AnyNode, Anything, Growth, Stage, Who};
use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A run that goes on: what [`Workflow::start`](crate::Workflow::start) gives.
///
/// It can be asked at any time how far it has come, and what a node or a rule waits for. Nothing is counted for that
/// while nobody asks; when somebody does, the run stands still and looks at its nodes, some 20 ms for a million of them.
/// So ask a few times a second, not in a loop.
///
/// Do not ask it from inside of a predicate or of a view: these hold the run still already, and would wait for
/// themselves. It lives in the runtime that it was started in: when that is shut down, it never ends.
///
/// There is one `Run` for a run, and it is not `Clone`: whoever has it decides how long the run goes on. Dropping it
/// before the end gives the run up: no further node starts, waiting async stages are dropped, plain ones that run go
/// on to their end, and there is no report.
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
#[must_use = "a run is given up when it is dropped: wait for it"]
pub struct Run(Going);

impl Run {
    /// Lets it go on by itself.
    pub(crate) fn start(going: Going) -> Self {
        going.spawn();
        Self(going)
    }

    /// The workflow's name.
    pub fn name(&self) -> &str {
        self.0.tag().name()
    }

    /// How far it has come: what is known, what has ended, and what may still be added.
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

    /// What the run can still become, and what has become of it so far: see
    /// [`Workflow::possible`](crate::Workflow::possible).
    pub fn possible(&self) -> Possible {
        self.0.look(Possible::of).titled(self.name())
    }

    /// What a node waits for at this moment, or what became of it.
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

    /// What the rules of this name wait for, what they have found, and how often they have fired; empty when there is
    /// no rule of this name. A rule without a name is known by where it stands: `src/main.rs:12`.
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
    /// When the run has ended or is being cancelled, when a stage has closed, and for what a workflow or a rule would be
    /// refused for too: a handle of another workflow, rules that break the laws.
    pub fn append<R>(&self, body: impl FnOnce(&mut Growth<'_, Anything>) -> R) -> Result<R, AppendError> {
        let mut body = Some(body);
        let mut result = None;
        let added = self.0.append(&mut |batch, host| {
            result = body.take().map(|body| body(&mut Growth::new(batch, host, Who::Outside)));
        });
        let workflow = || self.name().to_owned();
        added.map_err(|why| AppendError { workflow: workflow(), why })?;
        result.ok_or_else(|| AppendError { workflow: workflow(), why: "nothing ran".to_owned() })
    }

    /// Lets no further node start, until [`resume`](Self::resume). What runs goes on, and rules that follow from it are
    /// applied. Time goes on too: for timeouts, deadlines, and pauses between attempts.
    pub fn pause(&self) {
        self.0.hold(true);
    }

    /// Lets nodes start again.
    pub fn resume(&self) {
        self.0.hold(false);
    }

    /// What happens from now on, as a [`Stream`]. It ends with the run.
    ///
    /// Nothing is lost to who asks right after [`start`](crate::Workflow::start) on a runtime of one thread; on others some nodes
    /// may have begun. When 262,144 events wait, further ones are dropped, and it says how many. Who wants to look at the run
    /// along with its events, names for instance, asks the run itself, or uses a [`Tracker`](crate::Tracker).
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use dagcore::{Happened, Update};
    /// use futures::StreamExt;
    ///
    /// #[stage]
    /// fn half(n: u32) -> Result<u32, String> {
    ///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("halves");
    /// flow.add(half::new(8_u32));
    /// flow.add(half::new(7_u32).named("seven"));
    /// let run = flow.start()?;
    /// let mut events = run.events();
    /// let mut failed = Vec::new();
    /// while let Some(update) = events.next().await {
    ///     if let Update::Happened(Happened::Failed { node, .. }) = update {
    ///         failed.push(run.node_name(node));
    ///     }
    /// }
    /// assert_eq!(failed, ["seven"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn events(&self) -> Events {
        Events(self.0.follow())
    }

    /// A node's name: the given one, else its stage with its key or number.
    pub fn node_name(&self, node: NodeId) -> String {
        self.0.look(|machine| machine.graph().name(node))
    }

    /// Cancels the run, in order: no further node starts and no rule is applied, and all that has not begun is cancelled.
    ///
    /// What runs is [told](crate::StageContext::is_cancelled), and has the [time of grace](crate::Workflow::grace) to come
    /// to its end, which counts. What runs on after that is cancelled too: futures are dropped; a plain function cannot be
    /// stopped, and what it gives is dropped. Then the run ends, and its report and its trackers are finished as ever.
    ///
    /// Called a second time, it ends the time of grace at once.
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
        self.0.cancel(Unwanted::Run, "the run was cancelled");
    }

    /// Cancels a node, whatever it is doing; the rest goes on. What needs it is skipped. Nothing happens when it has ended, or
    /// belongs to another workflow.
    ///
    /// If it runs, it does not count any more what becomes of it: a future is dropped, a plain function is
    /// [told](crate::StageContext::is_cancelled).
    pub fn cancel_node(&self, node: impl Into<AnyNode>) {
        self.cancel_own(node.into(), Unwanted::Node, "it was cancelled by itself");
    }

    /// Cancels a node, and all that is below it in the lineage or would ever be: what rules add for it, what they add for
    /// that, and so on.
    pub fn cancel_below(&self, node: impl Into<AnyNode>) {
        self.cancel_own(node.into(), Unwanted::Lineage, "it was cancelled with its lineage");
    }

    /// Cancels all nodes of a stage that have not ended, and all that are added later.
    pub fn cancel_stage<S: Stage>(&self) {
        self.0.cancel(Unwanted::Stage(registry::id(S::spec())), "its stage was cancelled");
    }

    fn cancel_own(&self, node: AnyNode, what: fn(NodeId) -> Unwanted, why: &str) {
        if node.tag == self.0.tag().id() && self.0.look(|machine| machine.graph().contains(node.id)) {
            self.0.cancel(what(node.id), why);
        }
    }

    /// Waits until the run has ended. It can be given up and called again, in a `select!` for instance.
    pub async fn ended(&self) {
        self.0.ended().await;
    }

    /// Waits for the run's end, and gives its report. Dropping the future gives the run up, as dropping the run does.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`], with the report, when a node or a rule failed.
    pub async fn wait(self) -> Result<Report, Error> {
        self.0.ended().await;
        self.0.report().await
    }
}

/// The events of a run, as they happen: see [`Run::events`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Events(Following);

impl Stream for Events {
    type Item = Update;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Update>> {
        self.0.poll(context)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the events of a run")
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run of workflow `{}`: {}", crate::dag::Name(self.name()), self.progress())
    }
}
