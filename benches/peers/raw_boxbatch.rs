//! A hand-written graph, run as fast as safe Rust and tokio allow: a task processes its own stack of ready nodes.
//!
//! The newest ready node is taken first; it is polled once in place, and gets its own task only if it is pending. Half
//! of a long stack is handed over to a new task. Each task counts its ended nodes locally, and reports them when its
//! stack is empty.

use super::peer::{Peer, Reach};
use super::raw::{self, Graph, Running};
use crate::workload::Shape;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::runtime::Runtime;

/// A longer stack is shared with another task.
const LONG: usize = 64;

/// The hand-written graph, with a stack of ready nodes, polled in place.
pub(super) struct RawBoxbatch;

impl Peer for RawBoxbatch {
    const NAME: &str = "raw-boxbatch";
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
    let ready = graph.roots();
    work(&graph, ready, 0).await;
    graph.done.notified().await;
    graph
}

/// Works until the stack is empty; `ended` nodes have ended before.
async fn work(graph: &Arc<Graph>, ready: Vec<usize>, ended: usize) {
    let mut stack = Some((ready, ended));
    poll_fn(|cx| {
        if let Some((ready, ended)) = stack.take() {
            empty(graph, ready, ended, cx);
        }
        Poll::Ready(())
    })
    .await;
}

fn empty(graph: &Arc<Graph>, mut ready: Vec<usize>, mut ended: usize, cx: &mut Context<'_>) {
    while let Some(id) = ready.pop() {
        if ready.len() > LONG {
            hand_over(graph, ready.drain(..ready.len() / 2).collect());
        }
        let mut running = graph.start(id);
        match running.as_mut().poll(cx) {
            Poll::Ready(output) => {
                graph.end(id, output, |next| ready.push(next));
                ended += 1;
            }
            Poll::Pending => wait(graph, id, running),
        }
    }
    graph.ended(ended);
}

fn hand_over(graph: &Arc<Graph>, ready: Vec<usize>) {
    let graph = Arc::clone(graph);
    tokio::spawn(async move { work(&graph, ready, 0).await });
}

fn wait(graph: &Arc<Graph>, id: usize, running: Running) {
    let graph = Arc::clone(graph);
    tokio::spawn(async move {
        let output = running.await;
        let mut ready = Vec::new();
        graph.end(id, output, |next| ready.push(next));
        work(&graph, ready, 1).await;
    });
}
