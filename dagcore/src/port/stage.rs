//! What a stage is to the engine: a name, a place to run at, and jobs that run once.

use crate::dag::{Cause, Graph, Outputs, Place, StageInfo, Value};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// What a run of a stage gave.
pub type StageResult = Result<Value, Cause>;

/// A run of an async stage.
pub type StageFuture = Pin<Box<dyn Future<Output = StageResult> + Send>>;

/// What is known of a stage from its declaration. `#[stage]` makes one for each stage.
pub struct StageSpec {
    name: &'static str,
    version: u32,
    place: Place,
    module: &'static str,
    /// The number the registry gave it.
    pub(crate) slot: AtomicU32,
}

impl StageSpec {
    /// The stage `name` of `module`.
    pub const fn new(name: &'static str, version: u32, place: Place, module: &'static str) -> Self {
        Self { name, version, place, module, slot: AtomicU32::new(u32::MAX) }
    }

    /// The stage's name: the function's, unless `#[stage(name = "..")]` says otherwise.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The stage's version, 1 unless `#[stage(version = ..)]` says otherwise.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Where it runs.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The path of the module that holds the function.
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// What the graph needs to know of it.
    pub fn info(&self) -> StageInfo {
        StageInfo { name: self.name, place: self.place }
    }
}

/// Where a job finds what its parents gave.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// How the parents ended.
    pub graph: &'a Graph,
    /// What they gave.
    pub outputs: &'a Outputs,
}

/// One call of a stage: its inputs, and what to do with them.
pub trait Job: Send {
    /// Takes what the parents gave. Called once, when all of them have ended.
    fn bind(&mut self, sources: Sources<'_>);

    /// Runs the stage's function, or makes the future that will.
    fn start(self: Box<Self>, starting: &Starting<'_>) -> Started;
}

/// What comes of starting a job.
pub enum Started {
    /// It has ended.
    Done(StageResult),
    /// It ends when this future does.
    Future(StageFuture),
}

/// What the engine knows of a node when it starts it.
pub struct Starting<'a> {
    /// The workflow's name.
    pub workflow: &'a Arc<str>,
    /// Which attempt this is, counted from one.
    pub attempt: u32,
    /// Finds the names of the node and its stage; asked only by stages that want a context.
    pub names: &'a dyn Fn() -> (String, &'static str),
}

impl Starting<'_> {
    /// The context that a stage with a `&StageContext` parameter is given.
    pub fn context(&self) -> StageContext {
        let (name, stage) = (self.names)();
        StageContext { name, stage, workflow: Arc::clone(self.workflow), attempt: self.attempt }
    }
}

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
#[derive(Clone, Debug)]
pub struct StageContext {
    name: String,
    stage: &'static str,
    workflow: Arc<str>,
    attempt: u32,
}

impl StageContext {
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
}
