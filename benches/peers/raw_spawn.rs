//! A hand-written graph, run with plain tokio: one task per node, started when its last parent ends.

use super::peer::{Peer, Reach};
use super::raw::{self, Graph};
use crate::workload::Shape;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The hand-written graph, with one task per node.
pub(super) struct RawSpawn;

impl Peer for RawSpawn {
    const NAME: &str = "raw-spawn";
    type Built = Graph;
    type Ran = Arc<Graph>;

    fn reach(_: Shape) -> Reach {
        Reach::All
    }

    fn build(shape: Shape, n: usize) -> Graph {
        raw::build(shape, n)
    }

    fn run(runtime: &Runtime, built: Graph) -> Arc<Graph> {
        runtime.block_on(run(built))
    }

    fn result(ran: &Arc<Graph>) -> i64 {
        ran.result()
    }
}

/// Runs it.
pub(super) async fn run(graph: Graph) -> Arc<Graph> {
    let graph = Arc::new(graph);
    graph.roots().into_iter().for_each(|id| spawn(&graph, id));
    graph.ended(0); // there may be no nodes
    graph.done.notified().await;
    graph
}

fn spawn(graph: &Arc<Graph>, id: usize) {
    let graph = Arc::clone(graph);
    tokio::spawn(async move {
        let output = graph.start(id).await;
        graph.end(id, output, |next| spawn(&graph, next));
        graph.ended(1);
    });
}
