//! [`StageContext`]: information about the running node, and growth from inside it.

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

/// The context of a running node, passed to a stage function that has a parameter of type `&StageContext`.
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
/// A stage that declares additions takes the context with its own name, `&StageContext<name>`, and adds nodes through
/// [`Self::grow`].
pub struct StageContext<M = NoGrowth> {
    name: String,
    stage: &'static str,
    workflow: Arc<str>,
    attempt: u32,
    inside: Arc<dyn Any + Send + Sync>,
    marker: PhantomData<fn() -> M>,
}

/// The marker of a stage that declares no additions. It allows all of them, so that the compiler reports the missing
/// declaration once, at `grow`, and not again for each node added.
pub enum NoGrowth {}

impl<S> Allows<S> for NoGrowth {
    const KEYED: Keyed = Keyed::Free;
}

/// The engine's part of [`StageContext::grow`] and of cancellation.
pub(crate) trait Grows: Send + Sync {
    /// Runs `body` while nothing else can add, and inserts its additions. Problems with them fail the node.
    fn grow(&self, body: &mut dyn FnMut(&mut Batch, &dyn Host));

    /// Returns `true` if the node's result is still needed.
    fn is_wanted(&self) -> bool;

    /// Returns a listener that becomes ready once [`Self::is_wanted`] may have changed.
    fn cancelled(&self) -> Listener<'_>;
}

/// The value that [`Starting::inside`] returns.
pub(crate) struct Inside(pub(crate) Box<dyn Grows>);

impl<M> StageContext<M> {
    /// Returns the name of the node.
    pub fn node(&self) -> &str {
        &self.name
    }

    /// Returns the name of the stage.
    pub fn stage(&self) -> &str {
        self.stage
    }

    /// Returns the name of the workflow.
    pub fn workflow(&self) -> &str {
        &self.workflow
    }

    /// Returns the number of this attempt, counted from one.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns `true` if the result of this attempt is no longer needed, because the node or the run was cancelled or
    /// the attempt timed out.
    ///
    /// A long-running function should check this from time to time and return early; its result is then ignored. Only
    /// when the whole run is cancelled does a result within the [grace period](crate::Workflow::grace) still count.
    pub fn is_cancelled(&self) -> bool {
        self.inside.downcast_ref().is_some_and(|Inside(inside)| !inside.is_wanted())
    }

    /// Waits until [`is_cancelled`](Self::is_cancelled) returns `true`. Use it in a `select!` next to the work of an
    /// async stage, to shut down gracefully.
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
            let cancelled = inside.cancelled(); // before the check, so that no notification is missed
            if !inside.is_wanted() {
                return;
            }
            cancelled.await;
        }
    }

    /// Adds nodes to the graph while this node runs.
    ///
    /// Only one body at a time can add: do not wait inside of it for another thread that calls `grow`.
    ///
    /// The added nodes depend on this node: they start once it has succeeded, and are skipped if it fails. This node
    /// never waits for them. All additions of one call are inserted at once; a problem with them, such as a handle of
    /// another workflow, fails the node when its function returns.
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

/// The type that a parameter spelled `&StageContext` must have.
#[diagnostic::on_unimplemented(
    message = "the context of a stage is `dagcore::StageContext`, and this is `{Self}`",
    label = "not the context of a stage",
    note = "a parameter that is spelled `&StageContext` is the context, and no input: import this type under another name"
)]
pub trait Context {
    /// Creates the context of a starting node.
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

/// Creates the context of a starting node.
pub fn context<C: Context>(starting: &Starting<'_>) -> C {
    C::of(starting)
}

impl<M> fmt::Debug for StageContext<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, stage, workflow) = (Name(&self.name), Name(self.stage), Name(&self.workflow));
        write!(f, "StageContext({name} of {stage} in {workflow}, attempt {})", self.attempt)
    }
}
