//! The order in which ready nodes start.

use crate::dag::base::errors::or_if_it_panics;
use crate::dag::base::ids::NodeId;
use crate::dag::base::priority::Rank;
use crate::dag::graph::Graph;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The order in which ready nodes start: see [`Workflow::start_order`](crate::Workflow::start_order).
///
/// | | starts first | good for |
/// |---|---|---|
/// | `DepthFirst`, the default | dependents of the node that settled last | one item passes through all of its stages before the next begins: low memory use |
/// | `BreadthFirst` | the node that became ready first | all items reach the same stage together; no node waits for long |
/// | `CriticalPath` | the node with the longest remaining path | a short total time, when durations differ and workers are few |
/// | [`StartOrder::by`] | the node that a function ranks highest | knowledge that only the program has |
///
/// Priorities come first: of the ready nodes, those with the highest [priority](crate::Call::priority) start first, and
/// the order decides among them. Ties are broken by the time at which nodes became ready, earliest first. Nodes that
/// wait for a concurrency limit, a pool or a rate are served in turn, and return to this order afterwards.
///
/// A node's *remaining path* is the longest sum of [expected](crate::Call::expected) durations along a path from the
/// node through its dependents. A node without an expected duration counts as one nanosecond, so that without any
/// expected durations the number of nodes decides. The graph grows while it runs, and with it the paths of unsettled
/// nodes; they do not become shorter when a node is cancelled or skipped. Nodes that a rule will add later do not count
/// yet. When more than 64 nodes got a longer path at once, further growth counts a little later: for each 64 of them,
/// one more node starts first.
///
/// The order applies among nodes that run in the same place. Async, plain and blocking stages have separate workers,
/// each of which takes the next node of its own kind, and nodes of `inline` stages before them. Where all nodes can run
/// at once, as async stages can without [`concurrency`](crate::Workflow::concurrency), the order has little effect. The
/// set of nodes of a run does not depend on it.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::StartOrder;
/// use std::sync::Mutex;
///
/// static STARTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
///
/// #[stage]
/// async fn step(name: &str) {
///     STARTED.lock().unwrap().push(name.to_owned());
/// }
///
/// let mut flow = Workflow::new("order").start_order(StartOrder::CriticalPath).concurrency(1);
/// flow.add(step::new("short"));
/// let long = flow.add(step::new("long"));
/// flow.add(step::new("after the long one").after(long));
/// flow.add(step::new("urgent").priority(1));
/// flow.run_blocking()?;
/// assert_eq!(STARTED.lock().unwrap()[..2], ["urgent", "long"]);
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum StartOrder {
    /// Dependents of the node that settled last start first.
    #[default]
    DepthFirst,
    /// The node that became ready first starts first.
    BreadthFirst,
    /// The node with the longest remaining path starts first.
    CriticalPath,
    /// The node that a function ranks highest starts first; created with [`StartOrder::by`].
    By(Ranking),
}

impl StartOrder {
    /// Creates an order in which the node with the highest `rank` starts first. The function is called whenever a node
    /// becomes ready, with the graph and the node: it can use the stage, the name or key, the parents, their durations,
    /// and all other properties in the graph.
    ///
    /// The run is blocked during the call, so the function must be fast, and it must not use the [`Run`](crate::Run). A
    /// node for which it panics is ranked lowest.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use dagcore::StartOrder;
    ///
    /// #[stage]
    /// async fn page(n: u32) -> u32 {
    ///     n
    /// }
    ///
    /// /// Pages with many parents last.
    /// let order = StartOrder::by(|graph, node| -(graph.parents(node).count() as i64));
    /// let mut flow = Workflow::new("pages").start_order(order).concurrency(1);
    /// let first = flow.add(page::new(1_u32));
    /// flow.add(page::new(2_u32).after(first));
    /// flow.run_blocking()?;
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn by(rank: impl Fn(&Graph, NodeId) -> i64 + Send + Sync + 'static) -> Self {
        Self::By(Ranking(Arc::new(rank)))
    }
}

impl fmt::Debug for StartOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DepthFirst => "DepthFirst",
            Self::BreadthFirst => "BreadthFirst",
            Self::CriticalPath => "CriticalPath",
            Self::By(_) => "By(..)",
        })
    }
}

/// A function that ranks nodes: see [`StartOrder::by`].
#[derive(Clone)]
pub struct Ranking(Arc<RankFn>);

/// The type of a function that ranks a node.
type RankFn = dyn Fn(&Graph, NodeId) -> i64 + Send + Sync;

impl Ranking {
    /// Returns the rank of a node that has become ready.
    pub(crate) fn of(&self, graph: &Graph, node: NodeId) -> i64 {
        or_if_it_panics(|| (self.0)(graph, node), i64::MIN)
    }
}

impl fmt::Debug for Ranking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ranking(..)")
    }
}

impl Graph {
    /// Returns the priority of `node`: that of its call, or else of its stage, or else 0.
    pub fn priority(&self, node: NodeId) -> i32 {
        self.rank(node).urgency()
    }

    /// Returns the expected duration of `node`, if its call or its stage sets one.
    pub fn expected(&self, node: NodeId) -> Option<Duration> {
        self.rank(node).time()
    }

    fn rank(&self, node: NodeId) -> Rank {
        let of_stage = self.stage(node).and_then(|stage| self.stage_info(stage).rank).copied();
        self.ranks.get(&node).copied().unwrap_or_default().or(of_stage.unwrap_or_default())
    }
}
