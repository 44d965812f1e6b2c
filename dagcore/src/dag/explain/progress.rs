//! How far a run has come, as far as that can be known.

use crate::dag::base::escaping::Name;
use crate::dag::base::first_few::Few;
use crate::dag::base::node_state::NodeState;
use std::fmt::{self, Display, Formatter};

/// How far a run has come: what is known, what is done, and what may still be added.
///
/// A total is given only where no further node can appear. [`Self::fraction`] is of what is known, so it falls when the
/// graph grows, and then [`Self::growths`] has risen; it never falls otherwise, and is never above one. Its `Display`
/// has a line for the whole and one for each stage.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// async fn page(depth: u32) -> u32 {
///     depth
/// }
///
/// rule! {
///     follow: when each(page), adds [page] within 2,
///     then |grow, _node, depth| { grow.add(page::new(depth + 1)); }
/// }
///
/// let mut flow = Workflow::new("pages").rules(rules![follow]);
/// flow.add(page::new(0_u32));
/// let progress = flow.run_blocking()?.progress();
/// assert_eq!((progress.fraction(), progress.growths()), (1.0, 3));
/// assert_eq!(progress.to_string(), "3 of 3 known nodes have ended (100 %)\n  page: 3 of 3");
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// All nodes that are known.
    pub nodes: Counts,
    /// The stages that the run has met: those of its nodes, and those that its rules speak of.
    pub stages: Vec<StageProgress>,
    growths: usize,
}

/// How many nodes there are, and what they are doing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Counts {
    /// How many there are so far.
    pub known: usize,
    /// How many wait for nodes that they need.
    pub waiting: usize,
    /// How many could run now, or have just been taken by a worker.
    pub ready: usize,
    /// How many run.
    pub running: usize,
    /// How many failed, and will be tried again.
    pub awaiting_retry: usize,
    /// How many succeeded.
    pub succeeded: usize,
    /// How many failed.
    pub failed: usize,
    /// How many were skipped.
    pub skipped: usize,
    /// How many were cancelled.
    pub cancelled: usize,
}

/// How far the nodes of a stage have come, and what may still add to them.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StageProgress {
    /// The stage's name.
    pub stage: &'static str,
    /// Its nodes so far.
    pub nodes: Counts,
    /// How many nodes it has in all; `None` as long as another may appear. Once it is known it does not change.
    pub total: Option<usize>,
    /// The rules that may still add a node of it, or what leads to one.
    pub rules: Few<String>,
    /// The stages that lead to it and have nodes which have not ended.
    pub stages: Few<String>,
    /// Whether the program may still append nodes of it, with a [`Run`](crate::Run) that is not sealed.
    pub appendable: bool,
}

impl Progress {
    pub(crate) fn new(nodes: Counts, stages: Vec<StageProgress>, growths: usize) -> Self {
        Self { nodes, stages, growths }
    }

    /// How much of what is known has ended: from 0 to 1, and 1 when nothing is known.
    pub fn fraction(&self) -> f64 {
        self.nodes.fraction()
    }

    /// How often nodes have been added so far: by the program, by a firing, or by a node that runs.
    pub fn growths(&self) -> usize {
        self.growths
    }

    /// The stage of this name.
    pub fn stage(&self, name: &str) -> Option<&StageProgress> {
        self.stages.iter().find(|stage| stage.stage == name)
    }
}

impl Counts {
    /// How many have ended, however that was.
    pub fn settled(&self) -> usize {
        self.succeeded + self.failed + self.skipped + self.cancelled
    }

    /// How much of what is known has ended: from 0 to 1, and 1 when nothing is known.
    pub fn fraction(&self) -> f64 {
        if self.known == 0 { 1.0 } else { self.settled() as f64 / self.known as f64 }
    }

    /// How many are in this state.
    pub(crate) fn in_state(&mut self, state: NodeState) -> &mut usize {
        match state {
            NodeState::Waiting => &mut self.waiting,
            NodeState::Ready => &mut self.ready,
            NodeState::Running => &mut self.running,
            NodeState::AwaitingRetry => &mut self.awaiting_retry,
            NodeState::Succeeded => &mut self.succeeded,
            NodeState::Failed => &mut self.failed,
            NodeState::Skipped => &mut self.skipped,
            NodeState::Cancelled => &mut self.cancelled,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.known += other.known;
        self.waiting += other.waiting;
        self.ready += other.ready;
        self.running += other.running;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.awaiting_retry += other.awaiting_retry;
        self.cancelled += other.cancelled;
    }

    fn tell(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let states = [
            (self.failed, "failed"),
            (self.skipped, "skipped"),
            (self.cancelled, "cancelled"),
            (self.awaiting_retry, "awaiting retry"),
            (self.running, "running"),
            (self.ready, "ready"),
            (self.waiting, "waiting"),
        ];
        states.iter().filter(|(count, _)| *count > 0).try_for_each(|(count, state)| write!(f, ", {count} {state}"))
    }
}

impl Display for Progress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (ended, known) = (self.nodes.settled(), self.nodes.known);
        let percent = (100 * ended).checked_div(known).unwrap_or(100);
        write!(f, "{ended} of {known} known nodes have ended ({percent} %)")?;
        self.nodes.tell(f)?;
        self.stages.iter().try_for_each(|stage| write!(f, "\n  {stage}"))
    }
}

impl Display for StageProgress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let so_far = if self.total.is_some() { "" } else { " so far" };
        write!(f, "{}: {} of {}{so_far}", Name(self.stage), self.nodes.settled(), self.nodes.known)?;
        self.nodes.tell(f)?;
        let mut ways = Vec::new();
        if !self.rules.is_empty() {
            ways.push(format!("by {} {}", if self.rules.count == 1 { "rule" } else { "rules" }, self.rules));
        }
        if !self.stages.is_empty() {
            ways.push(format!("while {} {} not done", self.stages, if self.stages.count == 1 { "is" } else { "are" }));
        }
        if ways.is_empty() && self.appendable {
            ways.push("by `append`, until the run is sealed".to_owned());
        }
        if ways.is_empty() { Ok(()) } else { write!(f, "; it may grow {}", ways.join(", ")) }
    }
}
