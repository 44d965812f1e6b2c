//! What a stage is told about the node that it runs for, and how it grows the graph from inside.

use super::allows::{Allows, Keyed, Mark};
use super::batch::{Batch, Host};
use super::growth::{Growth, Who};
use crate::dag::Name;
use crate::port::{Listener, Starting};
use std::any::Any;
use std::fmt;
use std::future::pending;
use std::marker::PhantomData;
use std::sync::Arc;

/// What a stage is told about the node that it runs for, when it has a parameter of type `&StageContext`.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn whoami(context: &StageContext) -> String {
///     format!("{} of {}, attempt {}", context.node(), context.workflow(), context.attempt())
/// }
///
/// let mut flow = Workflow::new("party");
/// let node = flow.add(whoami::new().named("guest"));
/// let report = flow.run_blocking()?;
/// assert_eq!(report.output(node)?, "guest of party, attempt 1");
/// # Ok::<(), dagcore::Error>(())
/// ```
///
/// A stage that declares what it adds takes the context with its own name, and adds through [`Self::grow`].
pub struct StageContext<M = NoGrowth> {
    name: String,
    stage: &'static str,
    workflow: Arc<str>,
    attempt: u32,
    inside: Arc<dyn Any + Send + Sync>,
    marker: PhantomData<fn() -> M>,
}

/// The mark of a stage that adds nothing while it runs. That is told once, where it wants to grow, and not once more
/// for each node that it would add.
pub enum NoGrowth {}

impl<S> Allows<S> for NoGrowth {
    const KEYED: Keyed = Keyed::Free;
}

/// The engine's side of [`StageContext::grow`].
pub(crate) trait Grows: Send + Sync {
    /// Runs `body` while nobody else adds, and takes in what it added. What is wrong with it fails the node.
    fn grow(&self, body: &mut dyn FnMut(&mut Batch, &dyn Host));

    /// Whether somebody still waits for what the node gives.
    fn is_wanted(&self) -> bool;

    /// Ready once that may have changed.
    fn cancelled(&self) -> Listener<'_>;
}

/// What [`Starting::inside`] gives.
pub(crate) struct Inside(pub(crate) Box<dyn Grows>);

impl<M> StageContext<M> {
    /// The node's name.
    pub fn node(&self) -> &str {
        &self.name
    }

    /// The stage's name.
    pub fn stage(&self) -> &str {
        self.stage
    }

    /// The workflow's name.
    pub fn workflow(&self) -> &str {
        &self.workflow
    }

    /// Which attempt this is, counted from one.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether nobody waits any more for what this attempt gives: the node or the run was cancelled, or it took too long.
    ///
    /// A function that takes long looks at this once in a while, and returns early; what it returns then does not matter.
    /// When the whole run is cancelled, what it returns within the [time of grace](crate::Workflow::grace) still counts.
    pub fn is_cancelled(&self) -> bool {
        self.inside.downcast_ref().is_some_and(|Inside(inside)| !inside.is_wanted())
    }

    /// Waits until [that](Self::is_cancelled) is so: for a `select!` beside what an async stage does, to leave things in
    /// order.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use std::time::Duration;
    ///
    /// #[stage]
    /// async fn serve(context: &StageContext) -> &'static str {
    ///     tokio::select! {
    ///         () = context.cancelled() => "closed in order",
    ///         () = tokio::time::sleep(Duration::from_secs(1_000)) => "done",
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("server");
    /// let node = flow.add(serve::new());
    /// let run = flow.start()?;
    /// tokio::time::sleep(Duration::from_secs(1)).await;
    /// run.cancel();
    /// let report = run.wait().await.or_else(dagcore::Error::into_report)?;
    /// assert_eq!(*report.output(node)?, "closed in order");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancelled(&self) {
        let Some(Inside(inside)) = self.inside.downcast_ref() else { return pending().await };
        loop {
            let cancelled = inside.cancelled(); // before the look, so that nothing is missed
            if !inside.is_wanted() {
                return;
            }
            cancelled.await;
        }
    }

    /// Adds to the graph while the node runs.
    ///
    /// One body adds at a time: do not wait inside of it for a thread that grows too.
    ///
    /// What is added needs this node: it starts once the node has succeeded, and is skipped if the node fails. The
    /// node never waits for it. All of one call is taken in together, at once; what is wrong with it, a handle of
    /// another workflow for instance, fails the node when its function returns.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn leaf(n: u32) -> u32 {
    ///     n
    /// }
    ///
    /// #[stage(adds(leaf))]
    /// fn tree(leaves: u32, context: &StageContext<tree>) -> u32 {
    ///     context.grow(|grow| for n in 0..leaves {
    ///         grow.add(leaf::new(n));
    ///     });
    ///     leaves
    /// }
    ///
    /// let mut flow = Workflow::new("garden");
    /// flow.add(tree::new(3_u32));
    /// assert_eq!(flow.run_blocking()?.outputs::<leaf>()?.count(), 3);
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn grow<R>(&self, body: impl FnOnce(&mut Growth<'_, M>) -> R) -> R
    where
        M: Mark,
    {
        let mut body = Some(body);
        let mut grown = None;
        if let Some(Inside(inside)) = self.inside.downcast_ref() {
            inside.grow(&mut |batch, host| {
                let who = Who::Stage(self.stage);
                grown = body.take().map(|body| body(&mut Growth::new(batch, host, who)));
            });
        }
        grown.expect("a run takes in what its nodes add")
    }
}

/// What a parameter that is spelled `&StageContext` has to be.
#[diagnostic::on_unimplemented(
    message = "the context of a stage is `dagcore::StageContext`, and this is `{Self}`",
    label = "not the context of a stage",
    note = "a parameter that is spelled `&StageContext` is the context, and no input: import this type under another name"
)]
pub trait Context {
    /// The context of a node that is being started.
    fn of(starting: &Starting<'_>) -> Self;
}

impl<M> Context for StageContext<M> {
    fn of(starting: &Starting<'_>) -> Self {
        let (name, stage) = (starting.names)();
        let workflow = Arc::clone(starting.workflow);
        let (attempt, inside) = (starting.attempt, (starting.inside)());
        Self { name, stage, workflow, attempt, inside, marker: PhantomData }
    }
}

/// The context of a node that is being started.
pub fn context<C: Context>(starting: &Starting<'_>) -> C {
    C::of(starting)
}

impl<M> fmt::Debug for StageContext<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, stage, workflow) = (Name(&self.name), Name(self.stage), Name(&self.workflow));
        write!(f, "StageContext({name} of {stage} in {workflow}, attempt {})", self.attempt)
    }
}
