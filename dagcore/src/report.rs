//! What became of a run.

mod explain;
mod failures;
mod order;
mod trackers;

pub(crate) use explain::explain;

use crate::dag::{Dropped, Graph, Machine, Message, Name, NodeError, NodeId, NodeState, Outputs, Possible};
use crate::port::TrackerReport;
use crate::registry;
use crate::typed::{AnyNode, Node, Stage, Tag};
use crate::view::{Picture, PictureError};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What became of a run: every output, every failure, everything that did not happen and why.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn half(n: u32) -> Result<u32, String> {
///     if n % 2 == 0 { Ok(n / 2) } else { Err(format!("{n} is odd")) }
/// }
///
/// let mut flow = Workflow::new("halves");
/// let good = flow.add(half::new(6_u32));
/// let bad = flow.add(half::new(7_u32).named("seven"));
///
/// // A run with a failure is an error; the report is in it.
/// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
/// assert_eq!(*report.output(good)?, 3);
/// assert_eq!(report.output(bad).unwrap_err().to_string(), "node `seven` has no output: node `seven` failed: 7 is odd");
/// assert_eq!(report.failures().count(), 1);
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct Report {
    pub(crate) tag: Tag,
    pub(crate) machine: Arc<Machine>,
    pub(crate) outputs: Outputs,
    pub(crate) trackers: Vec<TrackerReport>,
}

/// Why there is no such output.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::OutputError;
/// #[stage]
/// fn one() -> u32 {
///     1
/// }
///
/// let mut flow = Workflow::new("two");
/// flow.add(one::new());
/// flow.add(one::new());
/// let report = flow.run_blocking()?;
/// assert!(matches!(report.only::<one>(), Err(OutputError::Several { stage: "one", .. })));
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The handle belongs to another workflow or another run.
    #[error("the handle belongs to {}, and this is the report of workflow `{}`", Message(there), Name(here))]
    Foreign {
        /// The workflow whose report was asked.
        here: String,
        /// The workflow that gave the handle, in words.
        there: String,
    },
    /// The node did not succeed.
    #[error("node `{}` has no output: {why}", Name(node))]
    NotDone {
        /// The node's name.
        node: String,
        /// What happened instead, in words.
        why: String,
    },
    /// The output is of another type, which only a handle from a firing that failed can bring about.
    #[error("node `{}` gave no `{wanted}`", Name(node))]
    WrongType {
        /// The node's name.
        node: String,
        /// The type that was asked for.
        wanted: &'static str,
    },
    /// The node's output was dropped, because nothing that was known could read it any more.
    #[error("the output of `{}` {}", Name(node), Dropped(stage))]
    Dropped {
        /// The node's name.
        node: String,
        /// The stage's name.
        stage: &'static str,
    },
    /// There is no node of the stage, or none of that name.
    #[error("there is no node of stage `{}`{named}", Name(stage), named = in_words(name))]
    None {
        /// The stage's name.
        stage: &'static str,
        /// The name that was looked up.
        name: Option<String>,
    },
    /// There are several.
    #[error("there are {} nodes of stage `{}`{named}, and one was asked for: {}", nodes.len(), Name(stage), list(nodes), named = in_words(name))]
    Several {
        /// The stage's name.
        stage: &'static str,
        /// The name that was looked up.
        name: Option<String>,
        /// The nodes, by name and number.
        nodes: Vec<String>,
    },
}

fn in_words(name: &Option<String>) -> String {
    name.as_ref().map_or(String::new(), |name| format!(" named `{}`", Name(name)))
}

fn list(nodes: &[String]) -> String {
    let shown = nodes.iter().take(5).map(|name| Name(name).to_string()).collect::<Vec<_>>().join(", ");
    if nodes.len() > 5 { format!("{shown}, ..") } else { shown }
}

impl Report {
    /// The workflow's name.
    pub fn name(&self) -> &str {
        self.tag.name()
    }

    /// Whether every node and every rule did what it was there for, but for failures that are
    /// [tolerated](crate::Workflow::tolerate), and the run came to its end.
    pub fn is_success(&self) -> bool {
        self.machine.is_success()
    }

    /// Why the run was stopped before its end; `None` when it was not.
    pub fn stopped(&self) -> Option<&str> {
        self.machine.stopped()
    }

    /// How long the run took.
    pub fn duration(&self) -> Duration {
        self.machine.ended().unwrap_or_default().since_start()
    }

    /// The graph as it ended: every node with its edges, state and times.
    pub fn graph(&self) -> &Graph {
        self.machine.graph()
    }

    /// Draws the graph as it ended into a file, with every node's state. The extension says how: `.svg`, `.dot` or
    /// `.gv`, `.mmd` or `.mermaid`.
    ///
    /// # Errors
    ///
    /// When the extension is another one, or the file cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        Picture::of(self.graph()).titled(self.name()).save(path)
    }

    /// The number of nodes.
    pub fn len(&self) -> usize {
        self.graph().len()
    }

    /// Whether the run had no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a node gave.
    ///
    /// # Errors
    ///
    /// When the node did not succeed, or the handle belongs to another workflow.
    pub fn output<T: Send + Sync + 'static>(&self, node: Node<T>) -> Result<&T, OutputError> {
        self.output_at(self.own(node.into())?)
    }

    /// What the only node of a stage gave.
    ///
    /// # Errors
    ///
    /// When the stage has no node, or several, or its node did not succeed.
    pub fn only<S: Stage>(&self) -> Result<&S::Output, OutputError> {
        let nodes = self.graph().nodes_of(registry::id(S::spec()));
        self.output_at(self.one::<S>(nodes, None)?)
    }

    /// What all nodes of a stage that succeeded gave, in the order of the lineage, which is the same in every run.
    ///
    /// # Errors
    ///
    /// When one of these outputs was dropped: see [`Workflow::keep`](crate::Workflow::keep).
    pub fn outputs<S: Stage>(&self) -> Result<impl Iterator<Item = &S::Output>, OutputError> {
        let nodes = self.machine.in_lineage_order(registry::id(S::spec()));
        if let Some(node) = nodes.iter().find(|node| self.graph().is_dropped(**node)) {
            return Err(OutputError::Dropped { node: self.graph().name(*node), stage: S::spec().name() });
        }
        Ok(nodes.into_iter().filter_map(|node| self.outputs.get(node)))
    }

    /// All nodes of a stage, in the order of the lineage.
    pub fn nodes<S: Stage>(&self) -> impl Iterator<Item = Node<S::Output>> {
        let nodes = self.machine.in_lineage_order(registry::id(S::spec()));
        nodes.into_iter().map(|node| Node::new(node, self.tag.id()))
    }

    /// The nodes of a stage below a node in the lineage, in its order; none when the handle belongs to another workflow.
    pub fn below<S: Stage>(&self, node: impl Into<AnyNode>) -> impl Iterator<Item = Node<S::Output>> {
        let above = self.own(node.into()).ok().filter(|node| self.graph().contains(*node));
        let nodes = above.map(|above| self.machine.below(above, registry::id(S::spec()))).unwrap_or_default();
        nodes.into_iter().map(|node| Node::new(node, self.tag.id()))
    }

    /// The node of a stage that was given this name.
    ///
    /// # Errors
    ///
    /// When there is none, or there are several.
    pub fn named<S: Stage>(&self, name: &str) -> Result<Node<S::Output>, OutputError> {
        let stage = registry::id(S::spec());
        let named = self.graph().named(name).iter().copied();
        let nodes: Vec<NodeId> = named.filter(|node| self.graph().stage(*node) == Some(stage)).collect();
        Ok(Node::new(self.one::<S>(&nodes, Some(name))?, self.tag.id()))
    }

    /// How a node ended; `None` when the handle belongs to another workflow.
    pub fn state(&self, node: impl Into<AnyNode>) -> Option<NodeState> {
        self.graph().state(self.own(node.into()).ok()?)
    }

    /// Why a node failed; `None` when it did not.
    pub fn error(&self, node: impl Into<AnyNode>) -> Option<&NodeError> {
        self.graph().error(self.own(node.into()).ok()?)
    }

    /// A node's name: the given one, else its stage with its key or number; empty when the handle belongs to
    /// another workflow.
    pub fn node_name(&self, node: impl Into<AnyNode>) -> String {
        self.own(node.into()).map(|node| self.graph().name(node)).unwrap_or_default()
    }

    /// How many nodes ended in this way.
    pub fn count(&self, state: NodeState) -> usize {
        self.graph().nodes().filter(|node| self.graph().state(*node) == Some(state)).count()
    }

    /// When a node began to run, in its last attempt, from the beginning of the run; `None` when it did not.
    pub fn started(&self, node: impl Into<AnyNode>) -> Option<Duration> {
        self.graph().started(self.own(node.into()).ok()?).map(|at| at.since_start())
    }

    /// When a node ended or was skipped, from the beginning of the run.
    pub fn ended(&self, node: impl Into<AnyNode>) -> Option<Duration> {
        self.graph().ended(self.own(node.into()).ok()?).map(|at| at.since_start())
    }

    /// What the run could become, as [`Workflow::possible`](crate::Workflow::possible) says before it, and what really
    /// became of it: the nodes of each stage, the firings of each rule, and the rules that bodies have registered.
    pub fn possible(&self) -> Possible {
        Possible::of(&self.machine).titled(self.name())
    }

    /// What looks like a mistake though nothing failed: the rules that could never fire. See [`Possible::warnings`].
    pub fn warnings(&self) -> Vec<String> {
        self.possible().warnings().to_vec()
    }

    fn own(&self, node: AnyNode) -> Result<NodeId, OutputError> {
        if node.tag == self.tag.id() {
            return Ok(node.id);
        }
        Err(OutputError::Foreign { here: self.name().to_owned(), there: node.tag.describe() })
    }

    fn output_at<T: Send + Sync + 'static>(&self, node: NodeId) -> Result<&T, OutputError> {
        if let Some(output) = self.outputs.get(node) {
            return Ok(output);
        }
        let graph = self.graph();
        let name = graph.name(node);
        if graph.is_dropped(node) {
            return Err(OutputError::Dropped { node: name, stage: graph.stage_name(node) });
        }
        let why = match graph.state(node) {
            Some(NodeState::Succeeded) => {
                return Err(OutputError::WrongType { node: name, wanted: std::any::type_name::<T>() });
            }
            Some(NodeState::Failed | NodeState::Cancelled) => {
                graph.error(node).map(ToString::to_string).unwrap_or_default()
            }
            Some(NodeState::Skipped) => {
                let because = graph.skipped_because(node).and_then(|because| graph.error(because));
                format!("it was skipped, because {}", because.map(ToString::to_string).unwrap_or_default())
            }
            Some(state) => format!("it is {state}"),
            None => "it was never added, because the firing that made its handle failed".to_owned(),
        };
        Err(OutputError::NotDone { node: name, why })
    }

    fn one<S: Stage>(&self, nodes: &[NodeId], name: Option<&str>) -> Result<NodeId, OutputError> {
        let (stage, name) = (S::spec().name(), name.map(str::to_owned));
        match nodes {
            [node] => Ok(*node),
            [] => Err(OutputError::None { stage, name }),
            several => {
                let shown = |node: &NodeId| match self.graph().given_name(*node) {
                    Some(name) => format!("{stage}#{node} `{name}`"),
                    None => self.graph().name(*node),
                };
                let nodes = several.iter().map(shown).collect();
                Err(OutputError::Several { stage, name, nodes })
            }
        }
    }
}

/// How many nodes, how they ended, and what did not happen, with its reason: the first twenty of each kind.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.stopped() {
            Some(_) => "was stopped",
            None if self.is_success() => "succeeded",
            None => "failed",
        };
        write!(f, "workflow `{}` {end} after {:.1?}: ", Name(self.name()), self.duration())?;
        let nodes = if self.len() == 1 { "node" } else { "nodes" };
        write!(f, "{} {nodes}, {} succeeded", self.len(), self.count(NodeState::Succeeded))?;
        use NodeState::{AwaitingRetry, Cancelled, Failed, Ready, Running, Skipped, Waiting};
        for state in [Failed, Skipped, Cancelled, Running, AwaitingRetry, Ready, Waiting] {
            match self.count(state) {
                0 => {}
                number => write!(f, ", {number} {state}")?,
            }
        }
        if let Some(why) = self.stopped().filter(|_| self.rule_failures().is_empty()) {
            write!(f, "\n  {}", Message(why))?;
        }
        lines(f, self.failures(), self.count(Failed))?;
        if self.stopped().is_none() {
            lines(f, self.cancelled(), self.count(Cancelled))?;
        }
        lines(f, self.rule_failures().iter(), self.rule_failures().len())?;
        let skipped = self.skipped().map(|(node, because)| {
            let ended = if because.is_cancelled() { "was cancelled" } else { "failed" };
            format!("node `{}` was skipped, because node `{}` {ended}", Name(&node), Name(because.name()))
        });
        lines(f, skipped, self.graph().skips.len())?;
        lines(
            f,
            self.unsettled(),
            [Running, AwaitingRetry, Ready, Waiting].into_iter().map(|state| self.count(state)).sum(),
        )?;
        let unfired = self.unfired().map(|(rule, reasons)| {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            format!("rule `{}` never fired: {}", Name(rule), reasons.join("; "))
        });
        lines(f, unfired, self.unfired().count())?;
        let held_back = self.held_back().map(|(rule, nodes)| {
            let times = if nodes.count == 1 { "once".to_owned() } else { format!("{} times", nodes.count) };
            format!("rule `{}` was held back {times} by its `within`: for {nodes}", Name(rule))
        });
        lines(f, held_back, self.held_back().count())?;
        let warnings = self.warnings();
        lines(f, warnings.iter().map(|warning| format!("warning: {}", Message(warning))), warnings.len())?;
        let incomplete = self.trackers().iter().filter(|tracker| !tracker.is_complete());
        lines(f, incomplete.clone(), incomplete.count())
    }
}

/// The first of them, each on a line of its own, and how many more there are.
fn lines(f: &mut fmt::Formatter<'_>, mut all: impl Iterator<Item = impl fmt::Display>, count: usize) -> fmt::Result {
    const SHOWN: usize = 20;
    all.by_ref().take(SHOWN).try_for_each(|line| write!(f, "\n  {line}"))?;
    if count > SHOWN { write!(f, "\n  and {} more like this", count - SHOWN) } else { Ok(()) }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
