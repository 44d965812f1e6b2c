//! The progress of a run, as far as it can be known.

use crate::dag::base::escaping::Name;
use crate::dag::base::first_few::Few;
use crate::dag::base::node_state::NodeState;
use std::fmt::{self, Display, Formatter};

/// The progress of a run: known nodes, settled nodes, and possible additions.
///
/// A total is present only where no further node can appear. [`Self::fraction`] refers to the known nodes, so it falls
/// when the graph grows, and then [`Self::growths`] has risen; it never falls otherwise, and is never above one.
/// `Display` prints one line for the run and one for each stage.
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
    /// The counts of all known nodes.
    pub nodes: Counts,
    /// The stages that the run has met: those of its nodes, and those that its rules mention.
    pub stages: Vec<StageProgress>,
    growths: usize,
}

/// The number of nodes, in total and by state.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Counts {
    /// The number of nodes so far.
    pub known: usize,
    /// Nodes that wait for dependencies.
    pub waiting: usize,
    /// Nodes that can start, or have just been dequeued by a worker.
    pub ready: usize,
    /// Running nodes.
    pub running: usize,
    /// Nodes that wait for their next attempt.
    pub awaiting_retry: usize,
    /// Succeeded nodes.
    pub succeeded: usize,
    /// Failed nodes.
    pub failed: usize,
    /// Skipped nodes.
    pub skipped: usize,
    /// Cancelled nodes.
    pub cancelled: usize,
}

/// The progress of a stage, and what may still add to it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StageProgress {
    /// The stage's name.
    pub stage: &'static str,
    /// The counts of its nodes so far.
    pub nodes: Counts,
    /// The final number of nodes; `None` while another may appear. Once it is known, it does not change.
    pub total: Option<usize>,
    /// The rules that may still add a node of it, or of a stage that leads to it.
    pub rules: Few<String>,
    /// The stages that lead to it and have unsettled nodes.
    pub stages: Few<String>,
    /// `true` if the program may still append nodes of it, with a [`Run`](crate::Run) that is not sealed.
    pub appendable: bool,
}

impl Progress {
    pub(crate) fn new(nodes: Counts, stages: Vec<StageProgress>, growths: usize) -> Self {
        Self { nodes, stages, growths }
    }

    /// Returns the ratio of settled to known nodes: from 0 to 1, and 1 if no nodes are known.
    pub fn fraction(&self) -> f64 {
        self.nodes.fraction()
    }

    /// Returns how often nodes have been added so far: by the program, by a firing, or by a running node.
    pub fn growths(&self) -> usize {
        self.growths
    }

    /// Returns the stage of this name.
    pub fn stage(&self, name: &str) -> Option<&StageProgress> {
        self.stages.iter().find(|stage| stage.stage == name)
    }
}

impl Counts {
    /// Returns the number of settled nodes.
    pub fn settled(&self) -> usize {
        self.succeeded + self.failed + self.skipped + self.cancelled
    }

    /// Returns the ratio of settled to known nodes: from 0 to 1, and 1 if no nodes are known.
    pub fn fraction(&self) -> f64 {
        if self.known == 0 { 1.0 } else { self.settled() as f64 / self.known as f64 }
    }

    /// Returns the count of this state.
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
