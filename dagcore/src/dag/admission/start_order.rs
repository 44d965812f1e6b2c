//! The order in which nodes start that could start.

use crate::dag::base::errors::or_if_it_panics;
use crate::dag::base::ids::NodeId;
use crate::dag::base::priority::Rank;
use crate::dag::graph::Graph;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Which of the nodes that could start does so first: for [`Workflow::start_order`](crate::Workflow::start_order).
///
/// | | starts first | good for |
/// |---|---|---|
/// | `DepthFirst`, the default | what follows from the node that ended last | one item goes through all of its stages before the next begins: the run holds little |
/// | `BreadthFirst` | what could start first | all items come to the same stage together; nobody waits for long |
/// | `CriticalPath` | the node with the longest remaining path | the run ends early, when the nodes take unlike times and the workers are few |
/// | [`StartOrder::by`] | the node that a function ranks highest | what only the program knows |
///
/// Priorities count first of all: of the nodes that could start, those with the highest
/// [priority](crate::Call::priority) do, and the order decides among them. Of nodes between which nothing decides, the one
/// that could start first does. What waits for a concurrency limit, a pool or a rate is served in turn, and comes back
/// to this order then.
///
/// A node's *remaining path* is the time that it is [expected](crate::Call::expected) to take, and that of what needs it, one
/// after the other, along the longest way. A node of which nothing is said counts as a nanosecond, so that without any
/// expected time the number of nodes decides. The graph grows while it runs, and with it the paths of nodes that have not
/// ended; they do not become shorter when a node is cancelled or skipped. What is not known yet, because a rule will add
/// it, does not count. When more than 64 nodes got a longer path at once, further growth counts a little later: for each 64 of
/// them one more node starts first.
///
/// The order is one among nodes that run in the same place. Async stages, plain ones and those that block have workers of
/// their own, each of which takes the next node of its own kind, and stages that run `inline` before them. Where there is
/// room for all, as there is without [`concurrency`](crate::Workflow::concurrency) for async stages, the order changes
/// little. Which nodes a run has does not depend on it.
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
    /// What follows from the node that ended last starts first.
    #[default]
    DepthFirst,
    /// What could start first starts first.
    BreadthFirst,
    /// The node with the longest remaining path starts first.
    CriticalPath,
    /// The node that a function ranks highest starts first; [`StartOrder::by`] makes one.
    By(Ranking),
}

impl StartOrder {
    /// The node that `rank` ranks highest starts first. It is asked whenever a node becomes ready to start: of
    /// its stage, its name or key, its parents, how long those took, and whatever else the graph knows.
    ///
    /// The run stands still while it is asked, so it has to be quick, and cannot ask the [`Run`](crate::Run). A node at
    /// which it panics is ranked lowest.
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

/// What ranks a node of a graph.
type RankFn = dyn Fn(&Graph, NodeId) -> i64 + Send + Sync;

impl Ranking {
    /// The rank of a node that has become ready.
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
    /// How urgent `node` is: what its call says, or its stage, or 0.
    pub fn priority(&self, node: NodeId) -> i32 {
        self.rank(node).urgency()
    }

    /// How long `node` is expected to take, if its call or its stage says it.
    pub fn expected(&self, node: NodeId) -> Option<Duration> {
        self.rank(node).time()
    }

    fn rank(&self, node: NodeId) -> Rank {
        let of_stage = self.stage(node).and_then(|stage| self.stage_info(stage).rank).copied();
        self.ranks.get(&node).copied().unwrap_or_default().or(of_stage.unwrap_or_default())
    }
}
