//! Why a rule has not fired: each condition that does not hold, with the actual state.

use super::kept_open::KeptOpen;
use crate::dag::base::escaping::Name;
use crate::dag::base::first_few::{Few, NodeNow, counted};
use std::fmt::{self, Display, Formatter};

/// The missing event of a rule that waits below nodes, when there are no such nodes.
pub(crate) const ADDED: &str = "was added";

/// A reason why a rule did not fire.
///
/// ```
/// # use dagcore::prelude::*;
/// #[stage]
/// fn one() -> u32 {
///     1
/// }
///
/// rule! {
///     many: when count(one) >= 3, adds [],
///     then |_grow, _nodes| {}
/// }
///
/// let mut flow = Workflow::new("few").rules(rules![many]);
/// flow.add(one::new());
/// let report = flow.run_blocking()?;
/// let (rule, why) = report.unfired().next().expect("one node is too few");
/// assert_eq!((rule, why[0].to_string().as_str()), ("many", "it waited for 3 nodes of `one`, and there were 1"));
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Unfired {
    /// It waited for a node that ended in a different way.
    Dead {
        /// The node's name.
        node: String,
        /// The end that the rule waited for.
        wanted: &'static str,
        /// The actual end.
        was: String,
    },
    /// It waited for a node that has not settled.
    Unsettled {
        /// The node.
        node: NodeNow,
        /// The end that the rule waited for.
        wanted: &'static str,
    },
    /// It waited for more nodes of the stage.
    Count {
        /// The stage's name.
        stage: &'static str,
        /// `true` if only succeeded nodes count.
        done: bool,
        /// The actual number of nodes.
        found: usize,
        /// The number of nodes that it waited for.
        wanted: usize,
    },
    /// No node had the name that it waited for.
    Unnamed(String),
    /// No node of the stage ended in the way it waited for.
    NoNode {
        /// The stage's name.
        stage: &'static str,
        /// `succeeded` or `failed`; `was added` for a rule that waits below the nodes of the stage.
        wanted: &'static str,
    },
    /// Its predicate never returned `true`.
    Predicate {
        /// The reads of the last evaluation that returned `false`; `None` if it was never evaluated.
        last: Option<LastLook>,
    },
    /// The stage it waited for did not close.
    Open {
        /// The stage's name.
        stage: &'static str,
        /// The sources that keep the stage open.
        kept_open: KeptOpen,
    },
    /// Its conditions held, and the run was stopped before its body ran.
    Stopped,
    /// Its conditions below the nodes of a stage did not hold.
    Below {
        /// The nodes, with the conditions that did not hold below each.
        nodes: Few<BelowNode>,
    },
}

/// The reads of a predicate at the last evaluation that returned `false`, with the values at that time: the first few
/// of each kind.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct LastLook {
    /// The nodes whose state or output it read.
    pub nodes: Vec<NodeNow>,
    /// The stages whose nodes it counted or listed.
    pub stages: Vec<StageNow>,
    /// The names that it looked up, and whether a node had that name.
    pub names: Vec<(String, bool)>,
    /// The number of all nodes, if it counted or listed all.
    pub all: Option<usize>,
    /// `true` if it read more than that.
    pub more: bool,
}

/// A stage, with the numbers of its nodes at that time.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StageNow {
    /// The stage's name.
    pub stage: &'static str,
    /// The number of nodes.
    pub nodes: usize,
    /// The number of succeeded nodes.
    pub succeeded: usize,
}

impl StageNow {
    pub(crate) fn new(stage: &'static str, nodes: usize, succeeded: usize) -> Self {
        Self { stage, nodes, succeeded }
    }
}

/// A node, with the conditions that do not hold below it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct BelowNode {
    /// The node's name.
    pub node: String,
    /// The conditions that do not hold.
    pub waits: Vec<BelowWait>,
}

impl BelowNode {
    pub(crate) fn new(node: String, waits: Vec<BelowWait>) -> Self {
        Self { node, waits }
    }
}

/// A condition of a rule on a stage below a node.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum BelowWait {
    /// Further nodes of the stage can still appear there.
    Open {
        /// The stage's name.
        stage: &'static str,
        /// The sources that keep the stage open there.
        kept_open: KeptOpen,
    },
    /// No further node can appear there, and some nodes have not settled.
    Unsettled {
        /// The stage's name.
        stage: &'static str,
        /// These nodes.
        nodes: Few<NodeNow>,
    },
    /// All nodes of the stage had to succeed, and some did not: the rule will not fire for the node above them.
    Lost {
        /// The stage's name.
        stage: &'static str,
        /// These nodes.
        nodes: Few<NodeNow>,
    },
}

impl Unfired {
    /// Displays the reason in the present tense, or in the past tense if the run is over.
    pub(crate) fn told(&self, over: bool) -> impl Display {
        Told { why: self, over }
    }
}

impl Display for Unfired {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Told { why: self, over: true }.fmt(f)
    }
}

struct Told<'a> {
    why: &'a Unfired,
    over: bool,
}

impl Told<'_> {
    fn either(&self, present: &'static str, past: &'static str) -> &'static str {
        if self.over { past } else { present }
    }

    fn open(&self, f: &mut Formatter<'_>, stage: &str, kept_open: &KeptOpen) -> fmt::Result {
        let stage = Name(stage);
        match (self.over, kept_open.is_empty()) {
            (true, true) => write!(f, "`{stage}` did not close"),
            (true, false) => write!(f, "`{stage}` did not close: {kept_open}"),
            (false, true) => write!(f, "`{stage}` is about to close"),
            (false, false) => write!(f, "`{stage}` has not closed: {kept_open}"),
        }
    }

    fn below(&self, f: &mut Formatter<'_>, nodes: &Few<BelowNode>) -> fmt::Result {
        for (at, BelowNode { node, waits }) in nodes.first.iter().enumerate() {
            write!(f, "{}below `{}` ", if at == 0 { "" } else { ", and " }, Name(node))?;
            for (at, wait) in waits.iter().enumerate() {
                f.write_str(if at == 0 { "" } else { " and " })?;
                match wait {
                    BelowWait::Open { stage, kept_open } => self.open(f, stage, kept_open)?,
                    BelowWait::Unsettled { nodes, .. } => {
                        write!(
                            f,
                            "{nodes} {} not ended",
                            self.either(if nodes.count == 1 { "has" } else { "have" }, "had")
                        )?;
                    }
                    BelowWait::Lost { nodes, .. } => write!(f, "{nodes} did not succeed")?,
                }
            }
        }
        match nodes.unshown() {
            0 => Ok(()),
            more => write!(f, ", and so on below {}", counted(more, "more node")),
        }
    }
}

impl Display for Told<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let waited = self.either("it waits", "it waited");
        match self.why {
            Unfired::Dead { node, wanted, was } => {
                write!(f, "it waited for `{}` to {wanted}, but that {was}", Name(node))
            }
            Unfired::Unsettled { node, wanted } => {
                let is = self.either("is", "was still");
                write!(f, "{waited} for `{}` to {wanted}, and that {is} {}", Name(&node.node), node.state)
            }
            Unfired::Count { stage, done, found, wanted } => {
                let what = if *done { "successful node" } else { "node" };
                let are = self.either(if *found == 1 { "is" } else { "are" }, "were");
                write!(f, "{waited} for {} of `{}`, and there {are} {found}", counted(*wanted, what), Name(stage))
            }
            Unfired::Unnamed(name) => write!(f, "no node {} named `{}`", self.either("is", "was"), Name(name)),
            Unfired::NoNode { stage, wanted } => {
                let has = if *wanted == ADDED { "" } else { self.either("has ", "") };
                write!(f, "no node of `{}` {has}{wanted}", Name(stage))
            }
            Unfired::Predicate { last } => {
                f.write_str(self.either("its predicate has not said yes", "its predicate never said yes"))?;
                match last {
                    None => f.write_str(self.either("", " and was never asked")),
                    Some(last) => write!(f, ": {last}"),
                }
            }
            Unfired::Open { stage, kept_open } => self.open(f, stage, kept_open),
            Unfired::Stopped => f.write_str("the run was stopped before its body ran"),
            Unfired::Below { nodes } => self.below(f, nodes),
        }
    }
}

impl Display for LastLook {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let nodes = self.nodes.iter().map(ToString::to_string);
        let stages = self.stages.iter();
        let stages = stages.map(|StageNow { stage, nodes, succeeded }| {
            format!("{} of `{}` ({succeeded} succeeded)", counted(*nodes, "node"), Name(stage))
        });
        let names = self.names.iter();
        let names =
            names.map(|(name, exists)| format!("{} node named `{}`", if *exists { "a" } else { "no" }, Name(name)));
        let all = self.all.map(|all| format!("{} in all", counted(all, "node")));
        let more = self.more.then(|| "and more".to_owned());
        let seen: Vec<String> = nodes.chain(stages).chain(names).chain(all).chain(more).collect();
        match seen.is_empty() {
            true => f.write_str("it read nothing of the graph, so that nothing lets it be asked again"),
            false => write!(f, "it last saw {}", seen.join(", ")),
        }
    }
}
