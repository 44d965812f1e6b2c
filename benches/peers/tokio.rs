//! Bare tokio: `spawn` and join, and nothing else.
//!
//! There is no graph. Nodes that are ready together are spawned together, and joined one after the other, so layers
//! wait for each other. The code that spawns and joins is a task itself. W8 keeps a set of discovered pages. Rules are
//! not supported.

use super::peer::{Peer, Reach};
use crate::workload::{self, GROUP, LAYER, MODULUS, Page, Shape, parents};
use std::collections::HashSet;
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, JoinSet, spawn};

/// The peer tokio, with `spawn` and join.
pub(super) struct Tokio;

impl Peer for Tokio {
    const NAME: &str = "tokio";
    type Built = (Shape, usize);
    type Ran = i64;

    fn reach(shape: Shape) -> Reach {
        if shape == Shape::Rules { Reach::None } else { Reach::All }
    }

    fn build(shape: Shape, n: usize) -> (Shape, usize) {
        (shape, n)
    }

    fn run(runtime: &Runtime, (shape, n): (Shape, usize)) -> i64 {
        runtime.block_on(async move { joined(spawn(run(shape, n))).await })
    }

    fn result(ran: &i64) -> i64 {
        *ran
    }
}

async fn run(shape: Shape, n: usize) -> i64 {
    match shape {
        Shape::Chain => {
            let mut last = joined(spawn(async { 1 })).await;
            for _ in 1..n {
                last = joined(spawn(async move { last + 1 })).await;
            }
            last
        }
        Shape::Independent => sum((0..n as i64).map(|i| spawn(async move { i })).collect()).await,
        Shape::FanOut => {
            let first = joined(spawn(async { 1 })).await;
            reduce((0..n).map(|_| spawn(async move { first * 2 })).collect()).await
        }
        Shape::Layers => layers(n).await,
        Shape::Map => {
            let numbers = joined(spawn(async move { 0..n as i64 })).await;
            reduce(numbers.map(|i| spawn(async move { i * 2 })).collect()).await
        }
        Shape::Growth => {
            let (mut last, mut sum) = (n as i64, 0);
            while last > 0 {
                last = joined(spawn(async move { last - 1 })).await;
                sum += last;
            }
            sum
        }
        Shape::Compute => sum((0..n as i64).map(|i| spawn(async move { workload::compute(i) })).collect()).await,
        Shape::Crawl => crawl(n as i64).await,
        Shape::Groups => sum((0..n / GROUP).map(|number| spawn(group(number))).collect()).await,
        Shape::Rules => unreachable!("rules are not supported"),
    }
}

async fn layers(n: usize) -> i64 {
    let mut before: Vec<i64> = all((0..LAYER).map(|_| spawn(async { 1 })).collect()).await;
    for layer in 1..n / LAYER {
        let mut now = Vec::with_capacity(LAYER);
        for place in 0..LAYER {
            let [a, b, c] = parents(layer, place).map(|parent| before[parent]);
            now.push(spawn(async move { (a + b + c) % MODULUS }));
        }
        before = all(now).await;
    }
    before.iter().sum()
}

async fn crawl(of: i64) -> i64 {
    let (mut seen, mut reading, mut worth) = (HashSet::from([0]), JoinSet::new(), 0);
    reading.spawn(async move { Page::read(0, of) });
    while let Some(read) = reading.join_next().await {
        let page = read.expect("no task fails");
        worth += page.worth();
        for link in page.links {
            if seen.insert(link) {
                reading.spawn(async move { Page::read(link, of) });
            }
        }
    }
    worth
}

/// A group's members and the node that merges them. This task is the group itself.
async fn group(number: usize) -> i64 {
    let first = (number * GROUP) as i64;
    reduce((first..first + GROUP as i64).map(|n| spawn(async move { n })).collect()).await
}

/// A task that sums all results.
async fn reduce(tasks: Vec<JoinHandle<i64>>) -> i64 {
    let values = all(tasks).await;
    joined(spawn(async move { values.iter().sum() })).await
}

async fn all(tasks: Vec<JoinHandle<i64>>) -> Vec<i64> {
    let mut values = Vec::with_capacity(tasks.len());
    for task in tasks {
        values.push(joined(task).await);
    }
    values
}

async fn sum(tasks: Vec<JoinHandle<i64>>) -> i64 {
    all(tasks).await.iter().sum()
}

async fn joined<T>(task: JoinHandle<T>) -> T {
    task.await.expect("no task fails")
}
