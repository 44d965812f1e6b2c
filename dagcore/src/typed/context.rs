//! What a stage is told about the node that it runs for, and how it grows the graph from inside.

use super::allows::{Allows, Keyed, Mark};
use super::batch::{Batch, Host};
use super::growth::{Growth, Who};
use crate::port::Starting;
use std::any::Any;
use std::fmt;
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
pub trait Grows: Send + Sync {
    /// Runs `body` while nobody else adds, and takes in what it added. What is wrong with it fails the node.
    fn grow(&self, body: &mut dyn FnMut(&mut Batch, &dyn Host));
}

/// What [`Starting::inside`] gives.
pub struct Inside(pub Box<dyn Grows>);

impl<M> StageContext<M> {
    /// The context of a node that is being started.
    pub fn of(starting: &Starting<'_>) -> Self {
        let (name, stage) = (starting.names)();
        let workflow = Arc::clone(starting.workflow);
        let (attempt, inside) = (starting.attempt, (starting.inside)());
        Self { name, stage, workflow, attempt, inside, marker: PhantomData }
    }

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

    /// Which attempt this is, counted from one. There are no retries yet, so it is one.
    pub fn attempt(&self) -> u32 {
        self.attempt
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
    /// assert_eq!(flow.run_blocking()?.all::<leaf>()?.count(), 3);
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

impl<M> fmt::Debug for StageContext<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, stage, workflow, attempt, .. } = self;
        write!(f, "StageContext({name} of {stage} in {workflow}, attempt {attempt})")
    }
}
