//! The shapes as a program with `dagcore` writes them.

use crate::workload::{LAYER, MODULUS, Shape, parents};
use dagcore::prelude::*;

#[stage]
async fn start() -> i64 {
    1
}

#[stage]
async fn next(n: &i64) -> i64 {
    n + 1
}

#[stage]
async fn constant(n: i64) -> i64 {
    n
}

#[stage]
async fn twice(n: &i64) -> i64 {
    n * 2
}

#[stage]
async fn sum(all: Gathered<i64>) -> i64 {
    all.outputs().sum()
}

#[stage]
async fn three(a: &i64, b: &i64, c: &i64) -> i64 {
    (a + b + c) % MODULUS
}

/// A workflow, and the nodes whose outputs make up its result.
pub struct Built {
    flow: Workflow,
    last: Vec<Node<i64>>,
}

/// Adds the nodes.
pub fn build(shape: Shape, n: usize) -> Built {
    let mut flow = Workflow::new(shape.name());
    let last = match shape {
        Shape::Chain => {
            let mut last = flow.add(start::new());
            for _ in 1..n {
                last = flow.add(next::new(last));
            }
            vec![last]
        }
        Shape::Independent => (0..n as i64).map(|i| flow.add(constant::new(i))).collect(),
        Shape::FanOut => {
            let first = flow.add(start::new());
            let all: Vec<_> = (0..n).map(|_| flow.add(twice::new(first))).collect();
            vec![flow.add(sum::new(all))]
        }
        Shape::Layers => {
            let mut before: Vec<_> = (0..LAYER).map(|_| flow.add(start::new())).collect();
            for layer in 1..n / LAYER {
                before = (0..LAYER)
                    .map(|place| {
                        let [a, b, c] = parents(layer, place);
                        flow.add(three::new(before[a], before[b], before[c]))
                    })
                    .collect();
            }
            before
        }
    };
    Built { flow, last }
}

impl Built {
    /// Runs it.
    ///
    /// # Panics
    ///
    /// When a node fails, which none does.
    pub async fn run(self) -> i64 {
        let report = self.flow.run().await.expect("no node fails");
        self.last.iter().map(|node| *report.output(*node).expect("every node has an output")).sum()
    }
}
