//! dagx 0.3.1, with tasks on tokio.
//!
//! A task takes at most eight inputs, so sums are trees of eight inputs each, padded with a task that returns zero. A
//! graph cannot grow: nodes that become known during the run are put in another graph within the timed run. W5 and W9
//! use two graphs, W6 one per node, W8 one per wave of newly discovered pages. Rules are not supported.

#![expect(
    clippy::too_many_arguments,
    reason = "each input of a task is an argument, and the macro takes no attributes"
)]

use super::peer::{Peer, Reach};
use crate::workload::{self, GROUP, LAYER, MODULUS, Page, Shape, parents};
use dagx::{DagRunner, Task, TaskHandle, task};
use std::collections::HashSet;
use std::convert::identity;
use tokio::runtime::Runtime;

type Handle = TaskHandle<i64>;

/// A task without dependencies: a function of a number.
struct Of(fn(i64) -> i64, i64);

#[task]
impl Of {
    async fn run(&self) -> i64 {
        (self.0)(self.1)
    }
}

struct Next;

#[task]
impl Next {
    async fn run(n: &i64) -> i64 {
        n + 1
    }
}

struct Twice;

#[task]
impl Twice {
    async fn run(n: &i64) -> i64 {
        n * 2
    }
}

struct Three;

#[task]
impl Three {
    async fn run(a: &i64, b: &i64, c: &i64) -> i64 {
        (a + b + c) % MODULUS
    }
}

struct Eight;

#[task]
impl Eight {
    async fn run(a: &i64, b: &i64, c: &i64, d: &i64, e: &i64, f: &i64, g: &i64, h: &i64) -> i64 {
        a + b + c + d + e + f + g + h
    }
}

struct Read(i64, i64);

#[task]
impl Read {
    async fn run(&self) -> Page {
        Page::read(self.0, self.1)
    }
}

/// A graph, and the tasks whose outputs form its result.
pub(super) struct Dag {
    runner: DagRunner,
    last: Vec<Handle>,
}

/// The peer dagx.
pub(super) struct Dagx;

impl Peer for Dagx {
    const NAME: &str = "dagx";
    type Built = (Shape, usize, Dag);
    /// The last graph, and the result.
    type Ran = (Dag, i64);

    fn reach(shape: Shape) -> Reach {
        if shape == Shape::Rules { Reach::None } else { Reach::All }
    }

    fn build(shape: Shape, n: usize) -> (Shape, usize, Dag) {
        (shape, n, known(shape, n))
    }

    fn run(runtime: &Runtime, (shape, n, dag): (Shape, usize, Dag)) -> (Dag, i64) {
        runtime.block_on(run(shape, n, dag))
    }

    fn result(ran: &(Dag, i64)) -> i64 {
        ran.1 + ran.0.last.iter().map(|task| ran.0.get(*task)).sum::<i64>()
    }
}

impl Dag {
    fn new() -> Self {
        Self { runner: DagRunner::new(), last: Vec::new() }
    }

    fn of(&self, function: fn(i64) -> i64, n: i64) -> Handle {
        self.runner.add_task(Of(function, n)).into()
    }

    fn get<T: Clone + Send + Sync + 'static>(&self, task: TaskHandle<T>) -> T {
        self.runner.get(task).expect("every task has an output")
    }

    fn sum(&self, mut all: Vec<Handle>) -> Handle {
        let zero = self.of(identity, 0);
        while all.len() > 1 || all.is_empty() {
            all.resize(all.len().next_multiple_of(8).max(8), zero);
            let eight = |all: &[Handle]| {
                let [a, b, c, d, e, f, g, h] = all else { unreachable!("the inputs are padded") };
                self.runner.add_task(Eight).depends_on((a, b, c, d, e, f, g, h))
            };
            all = all.chunks(8).map(eight).collect();
        }
        all[0]
    }

    async fn run(&self) {
        let spawned = self.runner.run(|task| drop(tokio::spawn(task))).await;
        spawned.expect("no task fails");
    }
}

/// The graph that is known before the run.
fn known(shape: Shape, n: usize) -> Dag {
    let mut dag = Dag::new();
    let numbers = 0..n as i64;
    match shape {
        Shape::Chain => {
            let mut last = dag.of(identity, 1);
            for _ in 1..n {
                last = dag.runner.add_task(Next).depends_on(last);
            }
            dag.last.push(last);
        }
        Shape::Independent => dag.last = numbers.map(|i| dag.of(identity, i)).collect(),
        Shape::FanOut => {
            let first = dag.of(identity, 1);
            let all = numbers.map(|_| dag.runner.add_task(Twice).depends_on(first)).collect();
            dag.last.push(dag.sum(all));
        }
        Shape::Layers => {
            let mut before: Vec<_> = (0..LAYER).map(|_| dag.of(identity, 1)).collect();
            for layer in 1..n / LAYER {
                let three = |place| {
                    let [a, b, c] = parents(layer, place).map(|parent| before[parent]);
                    dag.runner.add_task(Three).depends_on((&a, &b, &c))
                };
                before = (0..LAYER).map(three).collect();
            }
            dag.last = before;
        }
        Shape::Map => dag.last.push(dag.of(identity, n as i64)),
        Shape::Growth => dag.last.push(dag.of(|n| n - 1, n as i64)),
        Shape::Compute => dag.last = numbers.map(|i| dag.of(workload::compute, i)).collect(),
        Shape::Crawl => {}
        Shape::Groups => dag.last = (0..(n / GROUP) as i64).map(|i| dag.of(|i| i * GROUP as i64, i)).collect(),
        Shape::Rules => unreachable!("rules are not supported"),
    }
    dag
}

/// Runs the graph, and the graphs that become known during the run.
async fn run(shape: Shape, n: usize, mut dag: Dag) -> (Dag, i64) {
    if shape == Shape::Crawl {
        return (dag, crawl(n as i64).await);
    }
    dag.run().await;
    let mut result = 0;
    match shape {
        Shape::Map => {
            let numbers = 0..dag.get(dag.last[0]);
            let mut found = Dag::new();
            let all = numbers.map(|i| found.of(|i| i * 2, i)).collect();
            found.last.push(found.sum(all));
            found.run().await;
            dag = found;
        }
        Shape::Growth => loop {
            let n = dag.get(dag.last[0]);
            if n == 0 {
                break;
            }
            result += n;
            dag = known(shape, n as usize);
            dag.run().await;
        },
        Shape::Groups => {
            let mut found = Dag::new();
            for first in dag.last.iter().map(|group| dag.get(*group)) {
                let members = (first..first + GROUP as i64).map(|n| found.of(identity, n)).collect();
                found.last.push(found.sum(members));
            }
            found.run().await;
            dag = found;
        }
        _ => {}
    }
    (dag, result)
}

async fn crawl(of: i64) -> i64 {
    let (mut seen, mut wave, mut worth) = (HashSet::from([0]), vec![0], 0);
    while !wave.is_empty() {
        let dag = Dag::new();
        let read = |number| TaskHandle::<Page>::from(dag.runner.add_task(Read(number, of)));
        let pages: Vec<_> = wave.drain(..).map(read).collect();
        dag.run().await;
        for page in pages.into_iter().map(|page| dag.get(page)) {
            worth += page.worth();
            wave.extend(page.links.into_iter().filter(|link| seen.insert(*link)));
        }
    }
    worth
}
