//! dagrs 0.9: a graph of nodes with channels between them, each node a tokio task.
//!
//! A graph cannot grow: nodes that become known during the run are put in another graph within the timed run, as with
//! dagx: W5 and W9 use two graphs, W6 one per node, W8 one per wave of pages. Rules are not supported.

use super::peer::{Peer, Reach};
use crate::workload::{self, GROUP, LAYER, MODULUS, Page, Shape, parents};
use dagrs::async_trait::async_trait;
use dagrs::{Action, Content, DefaultNode, EnvVar, Graph, InChannels, Node, NodeId, NodeTable, OutChannels, Output};
use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The work of a node.
enum Work {
    Of(fn(i64) -> i64, i64),
    Next,
    Twice,
    /// The parents, one of which may appear twice: a channel exists once per parent.
    Three([NodeId; 3]),
    Sum,
    Read(i64, i64),
}

#[async_trait]
impl Action for Work {
    async fn run(&self, ins: &mut InChannels, outs: &mut OutChannels, _: Arc<EnvVar>) -> Output {
        let content = match self {
            Self::Of(function, n) => Content::new(function(*n)),
            Self::Next => Content::new(received(ins).await.iter().sum::<i64>() + 1),
            Self::Twice => Content::new(received(ins).await.iter().sum::<i64>() * 2),
            Self::Three(parents) => Content::new(three(ins, *parents).await),
            Self::Sum => Content::new(received(ins).await.iter().sum::<i64>()),
            Self::Read(number, of) => Content::new(Page::read(*number, *of)),
        };
        outs.broadcast(content.clone()).await;
        Output::Out(Some(content))
    }
}

async fn received(ins: &mut InChannels) -> Vec<i64> {
    ins.map(|content| number(&content.expect("a parent sends"))).await
}

async fn three(ins: &mut InChannels, parents: [NodeId; 3]) -> i64 {
    let mut values = [0; 3];
    for (at, parent) in parents.iter().enumerate() {
        let before = parents[..at].iter().position(|known| known == parent);
        values[at] = match before {
            Some(before) => values[before],
            None => number(&ins.recv_from(parent).await.expect("a parent sends")),
        };
    }
    values.iter().sum::<i64>() % MODULUS
}

fn number(content: &Content) -> i64 {
    *content.get::<i64>().expect("every output is a number")
}

/// A graph, and the nodes whose outputs form its result.
pub(super) struct Dag {
    graph: Graph,
    table: NodeTable,
    count: usize,
    last: Vec<NodeId>,
}

/// The peer dagrs.
pub(super) struct Dagrs;

impl Peer for Dagrs {
    const NAME: &str = "dagrs";
    type Built = (Shape, usize, Dag);
    /// The last graph, and the result so far.
    type Ran = (Dag, i64);

    fn reach(shape: Shape) -> Reach {
        match shape {
            Shape::Rules => Reach::None,
            Shape::FanOut | Shape::Map => Reach::To(10_000), // the time grows with the square of the width
            _ => Reach::To(100_000),
        }
    }

    fn build(shape: Shape, n: usize) -> (Shape, usize, Dag) {
        (shape, n, known(shape, n))
    }

    fn run(runtime: &Runtime, (shape, n, dag): (Shape, usize, Dag)) -> (Dag, i64) {
        runtime.block_on(run(shape, n, dag))
    }

    fn result(ran: &(Dag, i64)) -> i64 {
        ran.1 + ran.0.outputs::<i64>().iter().map(|n| **n).sum::<i64>()
    }
}

impl Dag {
    fn new() -> Self {
        Self { graph: Graph::new(), table: NodeTable::new(), count: 0, last: Vec::new() }
    }

    fn add(&mut self, work: Work, parents: &[NodeId]) -> NodeId {
        self.count += 1;
        let node = DefaultNode::with_action(self.count.to_string(), work, &mut self.table);
        let id = node.id();
        self.graph.add_node(node).expect("names differ");
        for parent in parents {
            self.graph.add_edge(*parent, [id]).expect("both nodes exist");
        }
        id
    }

    async fn run(&mut self) {
        self.graph.set_env(EnvVar::new(std::mem::take(&mut self.table)));
        self.graph.async_start().await.expect("no node fails");
    }

    /// The outputs of the last nodes.
    fn outputs<T: Any + Send + Sync>(&self) -> Vec<Arc<T>> {
        let mut all = self.graph.get_results::<T>();
        let mut output = |id| all.remove(id).flatten().expect("every node has an output");
        self.last.iter().map(&mut output).collect()
    }
}

/// The graph that is known before the run.
fn known(shape: Shape, n: usize) -> Dag {
    let mut dag = Dag::new();
    let numbers = 0..n as i64;
    match shape {
        Shape::Chain => {
            let mut last = dag.add(Work::Of(|n| n, 1), &[]);
            for _ in 1..n {
                last = dag.add(Work::Next, &[last]);
            }
            dag.last.push(last);
        }
        Shape::Independent => dag.last = numbers.map(|i| dag.add(Work::Of(|n| n, i), &[])).collect(),
        Shape::FanOut => {
            let first = dag.add(Work::Of(|n| n, 1), &[]);
            let all: Vec<_> = numbers.map(|_| dag.add(Work::Twice, &[first])).collect();
            let sum = dag.add(Work::Sum, &all);
            dag.last.push(sum);
        }
        Shape::Layers => {
            let mut before: Vec<_> = (0..LAYER).map(|_| dag.add(Work::Of(|n| n, 1), &[])).collect();
            for layer in 1..n / LAYER {
                let mut three = |place| {
                    let needs = parents(layer, place).map(|parent| before[parent]);
                    dag.add(Work::Three(needs), &needs)
                };
                before = (0..LAYER).map(&mut three).collect();
            }
            dag.last = before;
        }
        Shape::Map => dag.last = vec![dag.add(Work::Of(|n| n, n as i64), &[])],
        Shape::Growth => dag.last = vec![dag.add(Work::Of(|n| n - 1, n as i64), &[])],
        Shape::Compute => dag.last = numbers.map(|i| dag.add(Work::Of(workload::compute, i), &[])).collect(),
        Shape::Crawl => dag.last = vec![dag.add(Work::Read(0, n as i64), &[])],
        Shape::Groups => {
            dag.last = (0..(n / GROUP) as i64).map(|i| dag.add(Work::Of(|i| i * GROUP as i64, i), &[])).collect();
        }
        Shape::Rules => unreachable!("rules are not supported"),
    }
    dag
}

/// Runs the graph, and the graphs that become known during the run.
async fn run(shape: Shape, n: usize, mut dag: Dag) -> (Dag, i64) {
    if dag.count == 0 {
        return (dag, 0); // dagrs does not support empty graphs
    }
    dag.run().await;
    let mut result = 0;
    match shape {
        Shape::Map => {
            let mut found = Dag::new();
            let all: Vec<_> = (0..*dag.outputs::<i64>()[0]).map(|i| found.add(Work::Of(|i| i * 2, i), &[])).collect();
            let sum = found.add(Work::Sum, &all);
            found.last.push(sum);
            found.run().await;
            dag = found;
        }
        Shape::Growth => loop {
            let n = *dag.outputs::<i64>()[0];
            if n == 0 {
                break;
            }
            result += n;
            dag = known(shape, n as usize);
            dag.run().await;
        },
        Shape::Crawl => result = follow(&mut dag, n as i64).await,
        Shape::Groups => {
            let mut found = Dag::new();
            for first in dag.outputs::<i64>() {
                let members: Vec<_> =
                    (*first..*first + GROUP as i64).map(|n| found.add(Work::Of(|n| n, n), &[])).collect();
                let merge = found.add(Work::Sum, &members);
                found.last.push(merge);
            }
            found.run().await;
            dag = found;
        }
        _ => {}
    }
    (dag, result)
}

/// Reads all pages that the first wave leads to, and leaves a graph that adds nothing to the result.
async fn follow(dag: &mut Dag, of: i64) -> i64 {
    let (mut seen, mut worth) = (HashSet::from([0]), 0);
    loop {
        let mut wave = Dag::new();
        for page in dag.outputs::<Page>() {
            worth += page.worth();
            for link in page.links {
                if seen.insert(link) {
                    let read = wave.add(Work::Read(link, of), &[]);
                    wave.last.push(read);
                }
            }
        }
        if wave.count == 0 {
            dag.last.clear();
            return worth;
        }
        wave.run().await;
        *dag = wave;
    }
}
