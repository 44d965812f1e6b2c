//! What a stage is to the engine: a name, a place to run at, what it may add, and what comes of running it.

use super::attempt_policy::AttemptPolicy;
use super::needs::Needs;
use crate::dag::{Adds, Cause, Graph, Outputs, Place, Rank, StageInfo, Value};
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

/// What a run of a stage gave. It passes through many hands, so the rare failure stands apart.
pub type StageResult = Result<Value, Box<Cause>>;

/// A run of an async stage.
pub type StageFuture = Pin<Box<dyn Future<Output = StageResult> + Send>>;

/// What is known of a stage from its declaration. `#[stage]` makes one for each stage.
pub struct StageSpec {
    name: &'static str,
    version: u32,
    place: Place,
    module: &'static str,
    /// What its nodes may add while they run.
    declare: Option<fn() -> Adds>,
    /// What is asked of the attempts to run its nodes.
    attempt_policy: AttemptPolicy,
    needs: Needs,
    /// How urgent its nodes are, and how long they are expected to take.
    rank: Option<Rank>,
    adds: OnceLock<Adds>,
    /// The number the registry gave it.
    pub(crate) slot: AtomicU32,
}

impl StageSpec {
    /// The stage `name` of `module`.
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

    /// Its nodes may add these while they run.
    pub const fn adding(mut self, declare: fn() -> Adds) -> Self {
        self.declare = Some(declare);
        self
    }

    /// This is asked of the attempts to run its nodes.
    pub const fn asking(mut self, policy: AttemptPolicy) -> Self {
        self.attempt_policy = policy;
        self
    }

    /// This is what its nodes need to run.
    pub const fn needing(mut self, needs: Needs) -> Self {
        self.needs = needs;
        self
    }

    /// What its nodes need to run.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// This is said of its nodes, where their calls do not say it.
    pub const fn ranked(mut self, rank: Rank) -> Self {
        self.rank = Some(rank);
        self
    }

    /// What is asked of the attempts to run its nodes.
    pub fn attempt_policy(&self) -> AttemptPolicy {
        self.attempt_policy
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
    pub fn info(&'static self) -> StageInfo {
        let info = StageInfo::new(self.name, self.place);
        let info = self.rank.as_ref().map_or(info, |rank| info.ranked(rank));
        match self.declare {
            Some(declare) => info.adding(self.adds.get_or_init(declare)),
            None => info,
        }
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

/// What comes of starting a job.
pub enum Started {
    /// It has ended.
    Done(StageResult),
    /// It ends when this future does.
    Future(StageFuture),
}

/// One call of a stage: its inputs, and what to do with them.
pub trait Job: Send {
    /// Takes what the parents gave. Called once, when all of them have ended.
    fn bind(&mut self, sources: Sources<'_>);

    /// A second job like this one, for another attempt. Asked only when all inputs have been taken.
    ///
    /// # Errors
    ///
    /// When an input is not what it was promised to be; then there is no first attempt either.
    fn again(&mut self) -> Result<Box<dyn Job>, Box<Cause>>;

    /// Runs the stage's function, or makes the future that will.
    fn start(self: Box<Self>, starting: &Starting<'_>) -> Started;

    /// The job, for what runs in place of the stage's function.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// What the engine knows of a node when it starts it.
pub struct Starting<'a> {
    /// The workflow's name.
    pub workflow: &'a Arc<str>,
    /// Which attempt this is, counted from one.
    pub attempt: u32,
    /// Finds the names of the node and its stage; asked only by stages that want a context.
    pub names: &'a dyn Fn() -> (String, &'static str),
    /// What the node grows the graph through while it runs; only the typed layer and the engine know its type.
    pub inside: &'a dyn Fn() -> Arc<dyn Any + Send + Sync>,
    /// What runs in place of the stage's function, if anything does.
    pub mock: Option<&'a Mock>,
}

/// What runs in place of a stage's function: it is given the stage's job. Only the typed layer knows what that is.
pub type Mock = dyn Fn(Box<dyn Any>) -> StageResult + Send + Sync;

/// What runs in place of the functions of some stages, each by its stage.
#[derive(Clone, Default)]
pub struct MocksByStage {
    by_stage: Vec<(&'static StageSpec, Arc<Mock>)>,
}

impl MocksByStage {
    /// Puts `mock` in place of the function of `stage`. Of several for one stage the last one counts.
    pub fn insert(&mut self, stage: &'static StageSpec, mock: Arc<Mock>) {
        self.by_stage.retain(|(known, _)| !std::ptr::eq(*known, stage));
        self.by_stage.push((stage, mock));
    }

    /// Takes in all of `others`, which count more.
    pub fn extend(&mut self, others: Self) {
        others.by_stage.into_iter().for_each(|(stage, mock)| self.insert(stage, mock));
    }

    /// What runs in place of the function of `stage`.
    pub fn get(&self, stage: &'static StageSpec) -> Option<&Mock> {
        self.by_stage.iter().find(|(known, _)| std::ptr::eq(*known, stage)).map(|(_, mock)| &**mock)
    }
}
