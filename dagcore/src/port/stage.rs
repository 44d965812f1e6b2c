//! A stage as the engine sees it: its name, where it runs, what it may add, and the result of running it.

use super::attempt_policy::AttemptPolicy;
use super::needs::Needs;
use crate::dag::{Adds, Cause, Graph, Outputs, Place, Rank, StageInfo, Value};
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

/// The result of running a stage. The error is boxed, because results are moved often and failures are rare.
pub type StageResult = Result<Value, Box<Cause>>;

/// The future of an async stage.
pub type StageFuture = Pin<Box<dyn Future<Output = StageResult> + Send>>;

/// The declaration of a stage. `#[stage]` generates one for each stage.
pub struct StageSpec {
    name: &'static str,
    version: u32,
    place: Place,
    module: &'static str,
    /// Declares what its nodes may add while they run.
    declare: Option<fn() -> Adds>,
    /// The policy for the attempts to run its nodes.
    attempt_policy: AttemptPolicy,
    needs: Needs,
    /// The priority and the expected duration of its nodes.
    rank: Option<Rank>,
    adds: OnceLock<Adds>,
    /// The index assigned by the registry.
    pub(crate) slot: AtomicU32,
}

impl StageSpec {
    /// Creates the stage `name` of `module`.
    pub const fn new(name: &'static str, version: u32, place: Place, module: &'static str) -> Self {
        let slot = AtomicU32::new(u32::MAX);
        Self {
            name,
            version,
            place,
            module,
            declare: None,
            attempt_policy: AttemptPolicy::new(),
            needs: Needs::new(),
            rank: None,
            adds: OnceLock::new(),
            slot,
        }
    }

    /// Sets what its nodes may add while they run.
    pub const fn adding(mut self, declare: fn() -> Adds) -> Self {
        self.declare = Some(declare);
        self
    }

    /// Sets the policy for the attempts to run its nodes.
    pub const fn asking(mut self, policy: AttemptPolicy) -> Self {
        self.attempt_policy = policy;
        self
    }

    /// Sets the limits that its nodes are subject to.
    pub const fn needing(mut self, needs: Needs) -> Self {
        self.needs = needs;
        self
    }

    /// Returns the limits that its nodes are subject to.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Sets the priority and the expected duration of its nodes, used where their calls do not set them.
    pub const fn ranked(mut self, rank: Rank) -> Self {
        self.rank = Some(rank);
        self
    }

    /// Returns the policy for the attempts to run its nodes.
    pub fn attempt_policy(&self) -> AttemptPolicy {
        self.attempt_policy
    }

    /// Returns the stage's name: the function's name, unless `#[stage(name = "..")]` overrides it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the stage's version. The default is 1, unless `#[stage(version = ..)]` overrides it.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns where the stage runs.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Returns the path of the module that contains the function.
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// Returns the part of the declaration that the graph uses.
    pub fn info(&'static self) -> StageInfo {
        let info = StageInfo::new(self.name, self.place);
        let info = self.rank.as_ref().map_or(info, |rank| info.ranked(rank));
        match self.declare {
            Some(declare) => info.adding(self.adds.get_or_init(declare)),
            None => info,
        }
    }
}

/// Access to the outputs of a job's parents.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The graph, with the states of the parents.
    pub graph: &'a Graph,
    /// The outputs of the parents.
    pub outputs: &'a Outputs,
}

/// The result of starting a job.
pub enum Started {
    /// The job has ended.
    Done(StageResult),
    /// The job ends when this future completes.
    Future(StageFuture),
}

/// One call of a stage: its inputs and its function.
pub trait Job: Send {
    /// Takes the outputs of the parents. Called once, when all parents have ended.
    fn bind(&mut self, sources: Sources<'_>);

    /// Creates a copy of this job for another attempt. Called only after all inputs have been bound.
    ///
    /// # Errors
    ///
    /// Returns an error if an input does not have the expected type; in that case there is no first attempt either.
    fn again(&mut self) -> Result<Box<dyn Job>, Box<Cause>>;

    /// Runs the stage's function, or creates its future.
    fn start(self: Box<Self>, starting: &Starting<'_>) -> Started;

    /// Converts the job for a mock that replaces the stage's function.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// The context in which the engine starts a node.
pub struct Starting<'a> {
    /// The workflow's name.
    pub workflow: &'a Arc<str>,
    /// The number of the attempt, counted from 1.
    pub attempt: u32,
    /// Looks up the names of the node and its stage. Called only by stages that take a context.
    pub names: &'a dyn Fn() -> (String, &'static str),
    /// Creates the handle through which the node adds nodes while it runs. Its type is known only to the typed layer
    /// and the engine.
    pub inside: &'a dyn Fn() -> Arc<dyn Any + Send + Sync>,
    /// The mock that replaces the stage's function, if there is one.
    pub mock: Option<&'a Mock>,
}

/// A replacement for a stage's function. It receives the stage's job, whose type is known only to the typed layer.
pub type Mock = dyn Fn(Box<dyn Any>) -> StageResult + Send + Sync;

/// The mocks of a run, by stage.
#[derive(Clone, Default)]
pub struct MocksByStage {
    by_stage: Vec<(&'static StageSpec, Arc<Mock>)>,
}

impl MocksByStage {
    /// Replaces the function of `stage` with `mock`. If a stage has several mocks, the last one is used.
    pub fn insert(&mut self, stage: &'static StageSpec, mock: Arc<Mock>) {
        self.by_stage.retain(|(known, _)| !std::ptr::eq(*known, stage));
        self.by_stage.push((stage, mock));
    }

    /// Adds all mocks of `others`, which take precedence.
    pub fn extend(&mut self, others: Self) {
        others.by_stage.into_iter().for_each(|(stage, mock)| self.insert(stage, mock));
    }

    /// Returns the mock that replaces the function of `stage`.
    pub fn get(&self, stage: &'static StageSpec) -> Option<&Mock> {
        self.by_stage.iter().find(|(known, _)| std::ptr::eq(*known, stage)).map(|(_, mock)| &**mock)
    }
}
