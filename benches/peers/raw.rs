//! A hand-written graph: the code that `raw-spawn` and `raw-boxbatch` share, which is everything except the execution
//! order.
//!
//! Each node is a boxed function over shared, untyped outputs, as any graph runner needs; no times are recorded, no
//! panics are caught, and no graph is left for inspection.
//!
//! Nodes added during the run may depend on nodes that have ended, and on nodes that are added with them. The shapes
//! need no more than that, so the children of a node never change once it can start, and need no lock.

use crate::workload::{self, GROUP, LAYER, MODULUS, Page, Shape, parents};
use std::any::Any;
use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::sync::Notify;

type Value = Arc<dyn Any + Send + Sync>;

/// A node that runs.
pub(super) type Running = Pin<Box<dyn Future<Output = Value> + Send>>;

type Run = Box<dyn FnOnce(Vec<Value>) -> Running + Send>;

/// Computes the additions at a node's end from its id and its output.
type Then = fn(&mut Batch, usize, &Value);

struct Node {
    run: Mutex<Option<Run>>,
    parents: Vec<usize>,
    children: Vec<usize>,
    waiting: AtomicUsize,
    output: OnceLock<Value>,
    then: Option<Then>,
}

/// The nodes. They never move, so others can run while nodes are added.
struct Nodes {
    /// Each part is twice as long as the previous one.
    parts: [OnceLock<Box<[OnceLock<Node>]>>; 32],
}

/// The length of the first part.
const FIRST: usize = 64;

/// Nodes that are added together.
struct Batch {
    first: usize,
    nodes: Vec<Node>,
    /// The nodes of the whole graph whose outputs form its result.
    last: Vec<usize>,
    /// The pages found so far.
    seen: HashSet<i64>,
}

/// A hand-written graph.
pub(super) struct Graph {
    nodes: Nodes,
    /// Its memory is reused for each addition.
    batch: Mutex<Batch>,
    left: AtomicUsize,
    pub(super) done: Notify,
}

impl Nodes {
    fn place(id: usize) -> (usize, usize) {
        let part = ((id + FIRST) / FIRST).ilog2();
        (part as usize, id + FIRST - (FIRST << part))
    }

    fn get(&self, id: usize) -> &Node {
        let (part, at) = Self::place(id);
        self.parts[part].get().and_then(|part| part[at].get()).expect("only added nodes are requested")
    }

    fn set(&self, id: usize, node: Node) {
        let (part, at) = Self::place(id);
        let part = self.parts[part].get_or_init(|| (0..FIRST << part).map(|_| OnceLock::new()).collect());
        assert!(part[at].set(node).is_ok(), "an id is assigned once");
    }
}

impl Batch {
    fn add<F>(&mut self, parents: Vec<usize>, run: impl FnOnce(Vec<Value>) -> F + Send + 'static) -> usize
    where
        F: Future<Output: Send + Sync> + Send + 'static,
    {
        let id = self.first + self.nodes.len();
        let mut waiting = 0;
        for parent in &parents {
            if let Some(new) = parent.checked_sub(self.first) {
                self.nodes[new].children.push(id);
                waiting += 1;
            }
        }
        self.nodes.push(Node {
            run: Mutex::new(Some(Box::new(move |inputs| {
                let future = run(inputs);
                Box::pin(async move { Arc::new(future.await) as Value })
            }))),
            parents,
            children: Vec::new(),
            waiting: AtomicUsize::new(waiting),
            output: OnceLock::new(),
            then: None,
        });
        id
    }

    fn then(&mut self, id: usize, then: Then) {
        self.nodes[id - self.first].then = Some(then);
    }
}

impl Graph {
    /// The nodes that can start at once.
    pub(super) fn roots(&self) -> Vec<usize> {
        let all = 0..self.batch.lock().expect("nothing panics").first;
        all.filter(|id| self.nodes.get(*id).waiting.load(Ordering::Relaxed) == 0).collect()
    }

    /// Starts a node whose parents have ended.
    pub(super) fn start(&self, id: usize) -> Running {
        let node = self.nodes.get(id);
        let output = |parent: &usize| self.nodes.get(*parent).output.get().expect("parents end first").clone();
        let run = node.run.lock().expect("nothing panics").take().expect("a node runs once");
        run(node.parents.iter().map(output).collect())
    }

    /// Stores the output of a node, and returns the nodes that can start now.
    pub(super) fn end(&self, id: usize, output: Value, mut ready: impl FnMut(usize)) {
        let node = self.nodes.get(id);
        let output = node.output.get_or_init(|| output);
        for child in &node.children {
            if self.nodes.get(*child).waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
                ready(*child);
            }
        }
        if let Some(then) = node.then {
            let mut batch = self.batch.lock().expect("nothing panics");
            then(&mut batch, id, output);
            self.take_in(&mut batch, ready);
        }
    }

    /// Records that a number of nodes have ended and have been processed.
    pub(super) fn ended(&self, count: usize) {
        if self.left.fetch_sub(count, Ordering::AcqRel) == count {
            self.done.notify_one();
        }
    }

    fn take_in(&self, batch: &mut Batch, mut ready: impl FnMut(usize)) {
        self.left.fetch_add(batch.nodes.len(), Ordering::AcqRel);
        let first = batch.first;
        batch.first += batch.nodes.len();
        let free: Vec<usize> = (first..)
            .zip(&batch.nodes)
            .filter_map(|(id, node)| (node.waiting.load(Ordering::Relaxed) == 0).then_some(id))
            .collect();
        for (id, node) in (first..).zip(batch.nodes.drain(..)) {
            self.nodes.set(id, node);
        }
        free.into_iter().for_each(&mut ready);
    }

    /// Returns the result of a run.
    ///
    /// # Panics
    ///
    /// If the run has not ended.
    pub(super) fn result(&self) -> i64 {
        let last = &self.batch.lock().expect("nothing panics").last;
        let worth = |value: &Value| value.downcast_ref().map_or_else(|| number(value), Page::worth);
        last.iter().map(|id| worth(self.nodes.get(*id).output.get().expect("all have ended"))).sum()
    }
}

fn number(value: &Value) -> i64 {
    *value.downcast_ref::<i64>().expect("every output is a number")
}

fn sum(inputs: &[Value]) -> i64 {
    inputs.iter().map(number).sum()
}

/// Adds the nodes of W5 that are known only when the first has ended.
fn map_and_reduce(batch: &mut Batch, _: usize, n: &Value) {
    let all: Vec<_> = (0..number(n)).map(|i| batch.add(Vec::new(), move |_| async move { i * 2 })).collect();
    let reduced = batch.add(all, |inputs| async move { sum(&inputs) });
    batch.last.push(reduced);
}

/// Adds the next node of W6 and W10.
fn next(batch: &mut Batch, id: usize, n: &Value) {
    batch.last.push(id);
    if number(n) > 0 {
        let next_one = batch.add(vec![id], |inputs| async move { number(&inputs[0]) - 1 });
        batch.then(next_one, next);
    }
}

/// Adds the newly discovered pages of W8.
fn follow(batch: &mut Batch, id: usize, page: &Value) {
    batch.last.push(id);
    let Page { of, links, .. } = *page.downcast_ref::<Page>().expect("the output is a page");
    for link in links {
        if batch.seen.insert(link) {
            let found = batch.add(Vec::new(), move |_| async move { Page::read(link, of) });
            batch.then(found, follow);
        }
    }
}

/// Adds the nodes of a group of W9, and the one that merges them.
fn fill(batch: &mut Batch, _: usize, first: &Value) {
    let first = number(first);
    let members = (first..first + GROUP as i64).map(|n| batch.add(Vec::new(), move |_| async move { n })).collect();
    let merged = batch.add(members, |inputs| async move { sum(&inputs) });
    batch.last.push(merged);
}

/// Adds the nodes that are known beforehand.
pub(super) fn build(shape: Shape, n: usize) -> Graph {
    let empty = || Batch { first: 0, nodes: Vec::new(), last: Vec::new(), seen: HashSet::new() };
    let mut batch = empty();
    match shape {
        Shape::Chain => {
            let mut last = batch.add(Vec::new(), |_| async { 1_i64 });
            for _ in 1..n {
                last = batch.add(vec![last], |inputs| async move { number(&inputs[0]) + 1 });
            }
            batch.last.push(last);
        }
        Shape::Independent => {
            batch.last = (0..n as i64).map(|i| batch.add(Vec::new(), move |_| async move { i })).collect();
        }
        Shape::FanOut => {
            let first = batch.add(Vec::new(), |_| async { 1_i64 });
            let twice = |inputs: Vec<Value>| async move { number(&inputs[0]) * 2 };
            let all: Vec<_> = (0..n).map(|_| batch.add(vec![first], twice)).collect();
            let reduced = batch.add(all, |inputs| async move { sum(&inputs) });
            batch.last.push(reduced);
        }
        Shape::Layers => {
            let mut before: Vec<_> = (0..LAYER).map(|_| batch.add(Vec::new(), |_| async { 1_i64 })).collect();
            for layer in 1..n / LAYER {
                let mut add = |place| {
                    let needs = parents(layer, place).map(|parent| before[parent]).to_vec();
                    batch.add(needs, |inputs| async move { sum(&inputs) % MODULUS })
                };
                before = (0..LAYER).map(&mut add).collect();
            }
            batch.last = before;
        }
        Shape::Map => {
            let source = batch.add(Vec::new(), move |_| async move { n as i64 });
            batch.then(source, map_and_reduce);
        }
        Shape::Growth | Shape::Rules => {
            let first = batch.add(Vec::new(), move |_| async move { n as i64 - 1 });
            batch.then(first, next);
        }
        Shape::Compute => {
            let compute = |i| move |_| async move { workload::compute(i) };
            batch.last = (0..n as i64).map(|i| batch.add(Vec::new(), compute(i))).collect();
        }
        Shape::Crawl => {
            batch.seen.insert(0);
            let first = batch.add(Vec::new(), move |_| async move { Page::read(0, n as i64) });
            batch.then(first, follow);
        }
        Shape::Groups => {
            for number in 0..n / GROUP {
                let group = batch.add(Vec::new(), move |_| async move { (number * GROUP) as i64 });
                batch.then(group, fill);
            }
        }
    }
    let nodes = Nodes { parts: [const { OnceLock::new() }; 32] };
    let graph = Graph { nodes, batch: Mutex::new(empty()), left: AtomicUsize::new(0), done: Notify::new() };
    graph.take_in(&mut batch, drop);
    *graph.batch.lock().expect("nothing panics") = batch;
    graph
}

#[cfg(test)]
mod tests {
    use super::super::{raw_boxbatch, raw_spawn};
    use super::*;
    use tokio::task::yield_now;

    /// Two hundred nodes that wait, in pairs, and their sum.
    fn patient() -> Graph {
        let graph = build(Shape::Independent, 0);
        let mut batch = graph.batch.lock().unwrap();
        let wait = |i| async move {
            yield_now().await;
            i
        };
        let first: Vec<_> = (0..100).map(|i| batch.add(Vec::new(), move |_| wait(i))).collect();
        let second: Vec<_> = first.iter().map(|id| batch.add(vec![*id], move |all| wait(number(&all[0])))).collect();
        let reduced = batch.add(second, |all| async move { sum(&all) });
        batch.last.push(reduced);
        graph.take_in(&mut batch, drop);
        drop(batch);
        graph
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nodes_that_wait_are_waited_for() {
        assert_eq!(raw_spawn::run(patient()).await.result(), 4_950);
        assert_eq!(raw_boxbatch::run(patient()).await.result(), 4_950);
    }
}
