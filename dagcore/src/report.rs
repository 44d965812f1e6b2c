//! The report of a finished run.

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

/// The report of a finished run: every output and every failure, and for everything that did not happen the reason.
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

/// The reason why an output or a node cannot be returned.
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
        /// The workflow that the report belongs to.
        here: String,
        /// A description of the workflow that returned the handle.
        there: String,
    },
    /// The node did not succeed.
    #[error("node `{}` has no output: {why}", Name(node))]
    NotDone {
        /// The node's name.
        node: String,
        /// A description of how the node ended instead.
        why: String,
    },
    /// The output has another type, which is possible only with a handle from a firing that failed.
    #[error("the output of node `{}` is not a `{wanted}`", Name(node))]
    WrongType {
        /// The node's name.
        node: String,
        /// The requested type.
        wanted: &'static str,
    },
    /// The node's output was dropped, because no known node or rule could read it any more.
    #[error("the output of `{}` {}", Name(node), Dropped(stage))]
    Dropped {
        /// The node's name.
        node: String,
        /// The stage's name.
        stage: &'static str,
    },
    /// The stage has no node, or none with that name.
    #[error("there is no node of stage `{}`{named}", Name(stage), named = in_words(name))]
    None {
        /// The stage's name.
        stage: &'static str,
        /// The name that was looked up.
        name: Option<String>,
    },
    /// Several nodes match.
    #[error("there are {} nodes of stage `{}`{named}, and exactly one is expected: {}", nodes.len(), Name(stage), list(nodes), named = in_words(name))]
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
    /// Returns the name of the workflow.
    pub fn name(&self) -> &str {
        self.tag.name()
    }

    /// Returns `true` if the run came to its end and every node and every rule succeeded, except for failures that are
    /// [tolerated](crate::Workflow::tolerate).
    pub fn is_success(&self) -> bool {
        self.machine.is_success()
    }

    /// Returns the reason why the run was stopped before its end, or `None` if it was not stopped.
    pub fn stopped(&self) -> Option<&str> {
        self.machine.stopped()
    }

    /// Returns the duration of the run.
    pub fn duration(&self) -> Duration {
        self.machine.ended().unwrap_or_default().since_start()
    }

    /// Returns the final graph: every node with its edges, state and times.
    pub fn graph(&self) -> &Graph {
        self.machine.graph()
    }

    /// Draws the final graph into a file, with the state of every node. The extension selects the format: `.svg`;
    /// `.dot` or `.gv`; `.mmd` or `.mermaid`.
    ///
    /// # Errors
    ///
    /// If the extension is unknown, or the file cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<(), PictureError> {
        Picture::of(self.graph()).titled(self.name()).save(path)
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.graph().len()
    }

    /// Returns `true` if the run had no nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the output of a node.
    ///
    /// # Errors
    ///
    /// If the node did not succeed, its output was dropped, or the handle belongs to another workflow.
    pub fn output<T: Send + Sync + 'static>(&self, node: Node<T>) -> Result<&T, OutputError> {
        self.output_at(self.own(node.into())?)
    }

    /// Returns the output of the only node of a stage.
    ///
    /// # Errors
    ///
    /// If the stage has no node or several nodes, its node did not succeed, or the output was dropped.
    pub fn only<S: Stage>(&self) -> Result<&S::Output, OutputError> {
        let nodes = self.graph().nodes_of(registry::id(S::spec()));
        self.output_at(self.one::<S>(nodes, None)?)
    }

    /// Returns the outputs of all nodes of a stage that succeeded, in lineage order, which is the same in every run.
    ///
    /// # Errors
    ///
    /// If one of these outputs was dropped: see [`Workflow::keep`](crate::Workflow::keep).
    pub fn outputs<S: Stage>(&self) -> Result<impl Iterator<Item = &S::Output>, OutputError> {
        let nodes = self.machine.in_lineage_order(registry::id(S::spec()));
        if let Some(node) = nodes.iter().find(|node| self.graph().is_dropped(**node)) {
            return Err(OutputError::Dropped { node: self.graph().name(*node), stage: S::spec().name() });
        }
        Ok(nodes.into_iter().filter_map(|node| self.outputs.get(node)))
    }

    /// Returns all nodes of a stage, in lineage order.
    pub fn nodes<S: Stage>(&self) -> impl Iterator<Item = Node<S::Output>> {
        let nodes = self.machine.in_lineage_order(registry::id(S::spec()));
        nodes.into_iter().map(|node| Node::new(node, self.tag.id()))
    }

    /// Returns the nodes of a stage below a node in the lineage, in lineage order; none if the handle belongs to
    /// another workflow.
    pub fn below<S: Stage>(&self, node: impl Into<AnyNode>) -> impl Iterator<Item = Node<S::Output>> {
        let above = self.own(node.into()).ok().filter(|node| self.graph().contains(*node));
        let nodes = above.map(|above| self.machine.below(above, registry::id(S::spec()))).unwrap_or_default();
        nodes.into_iter().map(|node| Node::new(node, self.tag.id()))
    }

    /// Returns the node of a stage with this name.
    ///
    /// # Errors
    ///
    /// If no node of the stage has this name, or several do.
    pub fn named<S: Stage>(&self, name: &str) -> Result<Node<S::Output>, OutputError> {
        let stage = registry::id(S::spec());
        let named = self.graph().named(name).iter().copied();
        let nodes: Vec<NodeId> = named.filter(|node| self.graph().stage(*node) == Some(stage)).collect();
        Ok(Node::new(self.one::<S>(&nodes, Some(name))?, self.tag.id()))
    }

    /// Returns the final state of a node, or `None` if the handle belongs to another workflow.
    pub fn state(&self, node: impl Into<AnyNode>) -> Option<NodeState> {
        self.graph().state(self.own(node.into()).ok()?)
    }

    /// Returns the error of a failed or cancelled node, or `None` if the node has none or the handle belongs to another
    /// workflow.
    pub fn error(&self, node: impl Into<AnyNode>) -> Option<&NodeError> {
        self.graph().error(self.own(node.into()).ok()?)
    }

    /// Returns the name of a node: its own name, or else its stage with its key or number. Returns an empty string if
    /// the handle belongs to another workflow.
    pub fn node_name(&self, node: impl Into<AnyNode>) -> String {
        self.own(node.into()).map(|node| self.graph().name(node)).unwrap_or_default()
    }

    /// Returns the number of nodes that ended in this state.
    pub fn count(&self, state: NodeState) -> usize {
        self.graph().nodes().filter(|node| self.graph().state(*node) == Some(state)).count()
    }

    /// Returns the time from the beginning of the run to the start of a node's last attempt, or `None` if the node
    /// never started.
    pub fn started(&self, node: impl Into<AnyNode>) -> Option<Duration> {
        self.graph().started(self.own(node.into()).ok()?).map(|at| at.since_start())
    }

    /// Returns the time from the beginning of the run until a node ended or was skipped.
    pub fn ended(&self, node: impl Into<AnyNode>) -> Option<Duration> {
        self.graph().ended(self.own(node.into()).ok()?).map(|at| at.since_start())
    }

    /// Returns the possible graph, as [`Workflow::possible`](crate::Workflow::possible) returns it before the run,
    /// together with what happened: the nodes of each stage, the firings of each rule, and the rules that bodies
    /// registered.
    pub fn possible(&self) -> Possible {
        Possible::of(&self.machine).titled(self.name())
    }

    /// Returns warnings about likely mistakes that are not failures: the rules that could never fire. See
    /// [`Possible::warnings`].
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

/// Prints the number of nodes, their final states, and everything that did not happen, with the reason: the first
/// twenty entries of each kind.
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

/// Prints the first entries, one per line, and how many more there are.
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
