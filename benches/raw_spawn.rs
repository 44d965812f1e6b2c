//! The shapes written by hand with what tokio has: one task for each node, started when its last parent ends.
//!
//! Each node is a boxed function over shared, untyped outputs, as any runner of graphs must have it; there is no
//! time taken, no panic caught, no graph to look at afterwards.

use crate::workload::{LAYER, MODULUS, Shape, parents};
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::sync::Notify;

type Value = Arc<dyn Any + Send + Sync>;
type Run = Box<dyn FnOnce(Vec<Value>) -> Pin<Box<dyn Future<Output = Value> + Send>> + Send>;

struct Node {
    run: Mutex<Option<Run>>,
    parents: Vec<usize>,
    children: Vec<usize>,
    waiting: AtomicUsize,
    output: OnceLock<Value>,
}

/// A graph made by hand.
pub struct Graph {
    nodes: Vec<Node>,
    left: AtomicUsize,
    done: Notify,
    last: Vec<usize>,
}

fn number(value: &Value) -> i64 {
    *value.downcast_ref::<i64>().expect("every output is a number")
}

impl Graph {
    fn add<F>(&mut self, parents: Vec<usize>, run: impl FnOnce(Vec<Value>) -> F + Send + 'static) -> usize
    where
        F: Future<Output = i64> + Send + 'static,
    {
        let id = self.nodes.len();
        for parent in &parents {
            self.nodes[*parent].children.push(id);
        }
        self.nodes.push(Node {
            run: Mutex::new(Some(Box::new(move |inputs| {
                let future = run(inputs);
                Box::pin(async move { Arc::new(future.await) as Value })
            }))),
            waiting: AtomicUsize::new(parents.len()),
            parents,
            children: Vec::new(),
            output: OnceLock::new(),
        });
        id
    }

    fn start(self: &Arc<Self>, id: usize) {
        let graph = Arc::clone(self);
        tokio::spawn(async move {
            let node = &graph.nodes[id];
            let inputs =
                node.parents.iter().map(|parent| graph.nodes[*parent].output.get().expect("parents end first").clone());
            let run = node.run.lock().expect("no run panics").take().expect("a node runs once");
            let output = run(inputs.collect()).await;
            let _ = node.output.set(output);
            for child in &node.children {
                if graph.nodes[*child].waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
                    graph.start(*child);
                }
            }
            if graph.left.fetch_sub(1, Ordering::AcqRel) == 1 {
                graph.done.notify_one();
            }
        });
    }

    /// Runs it.
    ///
    /// # Panics
    ///
    /// When a node does, which none does.
    pub async fn run(self) -> i64 {
        self.left.store(self.nodes.len(), Ordering::Release);
        let graph = Arc::new(self);
        for (id, node) in graph.nodes.iter().enumerate() {
            if node.parents.is_empty() {
                graph.start(id);
            }
        }
        graph.done.notified().await;
        graph.last.iter().map(|id| number(graph.nodes[*id].output.get().expect("all have ended"))).sum()
    }
}

/// Adds the nodes.
pub fn build(shape: Shape, n: usize) -> Graph {
    let mut graph = Graph { nodes: Vec::new(), left: AtomicUsize::new(0), done: Notify::new(), last: Vec::new() };
    graph.last = match shape {
        Shape::Chain => {
            let mut last = graph.add(Vec::new(), |_| async { 1 });
            for _ in 1..n {
                last = graph.add(vec![last], |inputs| async move { number(&inputs[0]) + 1 });
            }
            vec![last]
        }
        Shape::Independent => (0..n as i64).map(|i| graph.add(Vec::new(), move |_| async move { i })).collect(),
        Shape::FanOut => {
            let first = graph.add(Vec::new(), |_| async { 1 });
            let all: Vec<_> =
                (0..n).map(|_| graph.add(vec![first], |inputs| async move { number(&inputs[0]) * 2 })).collect();
            vec![graph.add(all, |inputs| async move { inputs.iter().map(number).sum() })]
        }
        Shape::Layers => {
            let mut before: Vec<_> = (0..LAYER).map(|_| graph.add(Vec::new(), |_| async { 1 })).collect();
            for layer in 1..n / LAYER {
                before = (0..LAYER)
                    .map(|place| {
                        let needs = parents(layer, place).map(|parent| before[parent]).to_vec();
                        graph.add(needs, |inputs| async move { inputs.iter().map(number).sum::<i64>() % MODULUS })
                    })
                    .collect();
            }
            before
        }
    };
    graph
}
