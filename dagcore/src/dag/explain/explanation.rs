//! Explanations of nodes and rules: what they wait for, or how they ended, as data and as one sentence.

use super::unfired_rules::Unfired;
use crate::dag::base::errors::{NodeError, RuleError};
use crate::dag::base::escaping::{Message, Name};
use crate::dag::base::first_few::{Few, NodeNow, counted};
use crate::dag::base::stage_info::Place;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// The explanation of a node: its pending dependencies, or how it settled. `Display` prints one sentence.
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
        /// The reason.
        why: String,
    },
    /// Some of its dependencies have not settled.
    Waiting {
        /// The node's name.
        node: String,
        /// The unsettled dependencies.
        parents: Few<NodeNow>,
        /// The rule that will add the elements of the list that the node gathers.
        fed_by: Option<String>,
    },
    /// The node can start.
    Ready {
        /// The node's name.
        node: String,
        /// The reason why it has not started.
        hold: Hold,
    },
    /// The node is running.
    Running {
        /// The node's name.
        node: String,
        /// The start, as a duration since the run began.
        since: Duration,
        /// The time since the start.
        lasted: Duration,
    },
    /// The node succeeded.
    Succeeded {
        /// The node's name.
        node: String,
        /// The duration of the node.
        lasted: Duration,
    },
    /// An attempt failed, and the node will be retried.
    AwaitingRetry {
        /// The error of the last attempt.
        error: NodeError,
        /// The number of attempts so far.
        attempts: usize,
        /// The time until the next attempt.
        left: Duration,
    },
    /// The node failed.
    Failed {
        /// The error of the last attempt.
        error: NodeError,
        /// The number of attempts.
        attempts: usize,
    },
    /// The node was cancelled.
    Cancelled {
        /// The error, which names the origin of the cancellation.
        error: NodeError,
    },
    /// The node did not run, because a dependency did not succeed.
    Skipped {
        /// The node's name.
        node: String,
        /// The skipped nodes between the node and the failure: the node needs the first, which needs the second, and so
        /// on.
        through: Few<String>,
        /// The failure.
        because: NodeError,
    },
    /// The node had not settled when the run was stopped.
    Stopped {
        /// The node, with its state at that time.
        node: NodeNow,
    },
}

/// The reason why a ready node has not started.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Hold {
    /// The run has not started.
    NotStarted,
    /// The run is paused: see [`Run::pause`](crate::Run::pause).
    Held,
    /// The node waits for a decision: a decider, or a driver that takes single steps.
    Decision,
    /// The run has reached the `concurrency` limit of the workflow.
    Concurrency {
        /// The number of running nodes.
        running: usize,
        /// The maximum number of running nodes.
        limit: usize,
    },
    /// The stage has reached its `concurrency` limit.
    StageConcurrency {
        /// The stage's name.
        stage: String,
        /// The maximum number of running nodes.
        limit: u32,
    },
    /// Other nodes hold the permits of a pool that it needs.
    Pool {
        /// The pool's name.
        name: String,
        /// The number of permits in use.
        used: u32,
        /// The total number of permits.
        size: u32,
    },
    /// The stage has a `rate`, and the node's turn has not come.
    Rate {
        /// The time until its turn.
        left: Duration,
    },
    /// All threads for stages of this kind are busy.
    Workers {
        /// The place where its stage runs.
        place: Place,
        /// The number of workers.
        workers: usize,
    },
    /// A worker has dequeued the node.
    Taken,
    /// None: the next free worker dequeues it.
    Nothing,
}

/// The state of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum RuleState {
    /// The rule may still fire.
    Armed,
    /// The conditions hold, and the body is about to run or is running.
    Due,
    /// The rule fires once only, and has fired or failed.
    Spent,
    /// The rule can never fire, because one of its conditions cannot come true any more.
    Dead,
}

/// The explanation of a rule: its pending conditions, the nodes it has found, and how often it has fired. `Display`
/// prints one sentence.
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
    /// The state of the rule.
    pub state: RuleState,
    /// The number of firings.
    pub fired: u32,
    /// The failures of its predicate or body.
    pub failures: Few<RuleError>,
    /// The conditions that do not hold. For a rule that fires for each node of a stage, the conditions of the next
    /// firing.
    pub waits: Vec<Unfired>,
    /// The nodes that the rule has found and has not been applied to.
    pub found: Few<String>,
    /// The nodes that the rule may find when they settle.
    pub coming: Few<NodeNow>,
    /// The nodes that the rule was not applied to because of its `within`.
    pub held_back: Few<String>,
    /// `true` if the run has ended.
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
    /// Describes everything beyond the number of firings.
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
