//! What a node or a rule waits for, and what became of it: as data, and in one sentence.

use super::unfired_rules::Unfired;
use crate::dag::base::errors::{NodeError, RuleError};
use crate::dag::base::escaping::{Message, Name};
use crate::dag::base::first_few::{Few, NodeNow, counted};
use crate::dag::base::stage_info::Place;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// What a node waits for, or what became of it. Its `Display` is one sentence.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn half(n: u32) -> Result<u32, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
///
/// let mut flow = Workflow::new("halves");
/// let first = flow.add(half::new(7_u32));
/// let second = flow.add(half::new(first).named("quarter"));
/// let third = flow.add(half::new(second));
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert_eq!(
///     report.explain(third).to_string(),
///     "node `half#2` was skipped: it needs `quarter`, which needs `half#0`, which failed: 7 is odd"
/// );
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NodeExplanation {
    /// There is no such node in this run.
    Absent {
        /// Why not.
        why: String,
    },
    /// It waits for nodes that it needs.
    Waiting {
        /// Its name.
        node: String,
        /// The nodes that it needs and that have not ended.
        parents: Few<NodeNow>,
        /// The rule that will add the elements of the list that it gathers.
        fed_by: Option<String>,
    },
    /// It could run now.
    Ready {
        /// Its name.
        node: String,
        /// What holds it back.
        hold: Hold,
    },
    /// It runs.
    Running {
        /// Its name.
        node: String,
        /// When it began, from the beginning of the run.
        since: Duration,
        /// How long it has been running.
        lasted: Duration,
    },
    /// It ended well.
    Succeeded {
        /// Its name.
        node: String,
        /// How long it ran.
        lasted: Duration,
    },
    /// It failed, and will be tried again.
    AwaitingRetry {
        /// Why it failed.
        error: NodeError,
        /// How often it has been tried.
        attempts: usize,
        /// How long it waits before the next attempt.
        left: Duration,
    },
    /// It failed.
    Failed {
        /// Why, in the last attempt.
        error: NodeError,
        /// How often it was tried.
        attempts: usize,
    },
    /// It was cancelled.
    Cancelled {
        /// By whom.
        error: NodeError,
    },
    /// It did not run, because a node that it needs did not succeed.
    Skipped {
        /// Its name.
        node: String,
        /// The skipped nodes between it and the failure: it needs the first of them, which needs the second, and so on.
        through: Few<String>,
        /// The failure.
        because: NodeError,
    },
    /// It had not ended when the run was stopped.
    Stopped {
        /// The node, and what it was doing.
        node: NodeNow,
    },
}

/// Why a node that could run does not run yet.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Hold {
    /// The run has not started.
    NotStarted,
    /// The run is held: see [`Run::pause`](crate::Run::pause).
    Held,
    /// It waits until somebody lets it start: a decider, or who takes the steps.
    Decision,
    /// As many nodes run as the workflow's `concurrency` allows.
    Concurrency {
        /// So many.
        running: usize,
        /// And so many may.
        limit: usize,
    },
    /// As many nodes of its stage run as the stage's `concurrency` allows.
    StageConcurrency {
        /// The stage's name.
        stage: String,
        /// So many.
        limit: u32,
    },
    /// Others have what it needs of a pool.
    Pool {
        /// The pool's name.
        name: String,
        /// How much of it others have.
        used: u32,
        /// How much there is.
        size: u32,
    },
    /// Its stage has a `rate`, and its turn has not come.
    Rate {
        /// How long it waits for it.
        left: Duration,
    },
    /// All threads for stages of its kind are at work.
    Workers {
        /// Where its stage runs.
        place: Place,
        /// How many there are.
        workers: usize,
    },
    /// A worker has taken it.
    Taken,
    /// Nothing: the next worker takes it.
    Nothing,
}

/// How far a rule has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum RuleState {
    /// It may still fire.
    Armed,
    /// Its condition holds, and its body is about to run or runs.
    Due,
    /// It fires once, and has fired or failed.
    Spent,
    /// It waits for what cannot come any more.
    Dead,
}

/// What a rule waits for, what it has found, and how often it has fired. Its `Display` is one sentence.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn word(text: String) -> String {
///     text
/// }
///
/// rule! {
///     tell: when each(word) && named("go"), adds [],
///     then |_grow, _node, _word, _go| {}
/// }
///
/// let mut flow = Workflow::new("words").rules(rules![tell]);
/// flow.add(word::new("hello"));
/// let report = flow.run_blocking()?;
/// assert_eq!(
///     report.explain_rule("tell")[0].to_string(),
///     "rule `tell` never fired: no node was named `go`; it found `word#0`, and was not applied to it"
/// );
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuleExplanation {
    /// The rule's name.
    pub rule: String,
    /// How far it has come.
    pub state: RuleState,
    /// How often it has fired.
    pub fired: u32,
    /// The failures of its predicate or body.
    pub failures: Few<RuleError>,
    /// What does not hold. For a rule that fires for each node of a stage, what must hold for the next one.
    pub waits: Vec<Unfired>,
    /// The nodes that it has found and that it has not been applied to.
    pub found: Few<String>,
    /// The nodes that it may find when they end.
    pub coming: Few<NodeNow>,
    /// The nodes that its `within` kept it from.
    pub held_back: Few<String>,
    /// Whether the run is over.
    pub over: bool,
}

impl Display for NodeExplanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { why } => write!(f, "there is no such node: {}", Message(why)),
            Self::Waiting { node, parents, fed_by } => {
                write!(f, "node `{}` ", Name(node))?;
                match (parents.is_empty(), fed_by) {
                    (true, None) => f.write_str("is about to be skipped or to fail"),
                    (false, None) => write!(f, "waits for {parents}"),
                    (true, Some(rule)) => write!(f, "waits for what rule `{}` adds", Name(rule)),
                    (false, Some(rule)) => write!(f, "waits for {parents}, and for what rule `{}` adds", Name(rule)),
                }
            }
            Self::Ready { node, hold } => write!(f, "node `{}` is ready: {hold}", Name(node)),
            Self::Running { node, lasted, .. } => write!(f, "node `{}` has been running for {lasted:.1?}", Name(node)),
            Self::Succeeded { node, lasted } => write!(f, "node `{}` succeeded after {lasted:.1?}", Name(node)),
            Self::AwaitingRetry { error, attempts, left } => {
                write!(f, "node `{}` is tried again in {left:.1?}: ", Name(error.name()))?;
                match attempts {
                    1 => write!(f, "it failed: {}", error.cause()),
                    _ => write!(f, "it failed {attempts} times, the last time: {}", error.cause()),
                }
            }
            Self::Failed { error, attempts: 1 } | Self::Cancelled { error } => error.fmt(f),
            Self::Failed { error, attempts } => {
                write!(f, "node `{}` failed in {attempts} attempts: {}", Name(error.name()), error.why())
            }
            Self::Skipped { node, through, because } => {
                write!(f, "node `{}` was skipped: it needs ", Name(node))?;
                let mut between = "";
                for name in &through.first {
                    write!(f, "{between}`{}`", Name(name))?;
                    between = ", which needs ";
                }
                match through.unshown() {
                    0 => f.write_str(between)?,
                    more => write!(f, ", and so on over {} to ", counted(more, "more node"))?,
                }
                let ended = if because.is_cancelled() { "was cancelled" } else { "failed" };
                write!(f, "`{}`, which {ended}: {}", Name(because.name()), because.cause())
            }
            Self::Stopped { node } => {
                write!(f, "node `{}` was {} when the run was stopped", Name(&node.node), node.state)
            }
        }
    }
}

impl Display for Hold {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted => write!(f, "the run has not started"),
            Self::Decision => write!(f, "it waits until it is let start"),
            Self::Held => write!(f, "the run is held, and nothing starts"),
            Self::Concurrency { running, limit } => {
                write!(f, "{running} of {limit} nodes run, which is the concurrency limit")
            }
            Self::Pool { name, used, size } => {
                let name = Name(name);
                write!(f, "it waits for its share of the pool `{name}`, of which {used} of {size} are taken")
            }
            Self::StageConcurrency { stage, limit } => {
                write!(f, "{limit} nodes run, which is the concurrency limit of `{}`", Name(stage))
            }
            Self::Rate { left } => write!(f, "its turn comes in {left:.1?}"),
            Self::Workers { place, workers } => {
                let threads = match place {
                    Place::Async => "an async worker",
                    Place::Compute => "a thread for plain stages",
                    Place::Blocking => "a thread for blocking stages",
                    Place::Inline => "a worker",
                };
                write!(f, "it waits for {threads}, and ")?;
                match workers {
                    1 => write!(f, "the only one is at work"),
                    _ => write!(f, "all {workers} are at work"),
                }
            }
            Self::Taken => write!(f, "a worker has just taken it"),
            Self::Nothing => write!(f, "the next worker takes it"),
        }
    }
}

impl RuleExplanation {
    /// What there is to say beyond how often it fired.
    fn details(&self) -> Vec<String> {
        let mut details: Vec<String> = self.waits.iter().map(|why| why.told(self.over).to_string()).collect();
        if let Some(first) = self.failures.first.first() {
            details.push(format!("{}, the first: {first}", counted(self.failures.count, "failure")));
        }
        if !self.found.is_empty() {
            let (has, was) = if self.over { ("", "was not") } else { ("has ", "has not been") };
            let them = if self.found.count == 1 { "it" } else { "them" };
            details.push(format!("it {has}found {}, and {was} applied to {them}", self.found));
        }
        if !self.held_back.is_empty() {
            let further = counted(self.held_back.count, "further node");
            details.push(format!("its `within` kept it from {further}: {}", self.held_back));
        }
        if !self.coming.is_empty() {
            details.push(format!("it may still find {}", self.coming));
        }
        details
    }
}

impl Display for RuleExplanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (rule, has) = (Name(&self.rule), if self.over { "" } else { "has " });
        match (self.state, self.failures.first.first()) {
            (RuleState::Spent, Some(failure)) => return failure.fmt(f),
            (RuleState::Spent, None) => return write!(f, "rule `{rule}` {has}fired"),
            (RuleState::Due, _) if self.over => {
                return write!(f, "rule `{rule}` was about to fire when the run was stopped");
            }
            (RuleState::Due, _) => return write!(f, "rule `{rule}` is about to fire"),
            (RuleState::Dead, _) if !self.over => write!(f, "rule `{rule}` can never fire")?,
            (RuleState::Armed | RuleState::Dead, _) => match (self.fired, self.over) {
                (0, true) => write!(f, "rule `{rule}` never fired")?,
                (0, false) => write!(f, "rule `{rule}` has not fired")?,
                (1, _) => write!(f, "rule `{rule}` {has}fired once")?,
                (times, _) => write!(f, "rule `{rule}` {has}fired {times} times")?,
            },
        }
        let details = self.details();
        f.write_str(if details.is_empty() { "" } else { ": " })?;
        f.write_str(&details.join("; "))
    }
}
