//! The graph made by hand, run with what tokio has: one task for each node, started when its last parent ends.

use crate::raw::Graph;
use std::sync::Arc;

/// Runs it.
pub async fn run(graph: Graph) -> Arc<Graph> {
    let graph = Arc::new(graph);
    graph.roots().into_iter().for_each(|id| spawn(&graph, id));
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
