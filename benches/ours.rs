//! The shapes as a program with `dagcore` writes them.
//!
//! W5 is a `map` over a list that a node gives, which is what the guide says to write for a fan-out that is not
//! known beforehand; W6 is a rule that fires for each node of its stage and adds the next.

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

#[stage]
async fn numbers(n: i64) -> Vec<i64> {
    (0..n).collect()
}

#[stage]
async fn total(all: &[i64]) -> i64 {
    all.iter().sum()
}

#[stage]
async fn down(n: &i64) -> i64 {
    n - 1
}

rule! {
    /// Counts down to zero. The bound is far beyond any workload: it is there because such a rule has one.
    step: when each(down), adds [down] within 2_000_000,
    then |grow, node, n| if *n > 0 { grow.add(down::new(node)); }
}

/// A workflow, and the nodes whose outputs make up its result.
pub struct Built {
    flow: Workflow,
    result: Outputs,
}

/// What became of it.
pub struct Ran {
    report: Report,
    result: Outputs,
}

enum Outputs {
    Of(Vec<Node<i64>>),
    /// Of all nodes that rules added.
    OfAll,
}

/// Adds the nodes.
pub fn build(shape: Shape, n: usize) -> Built {
    let mut flow = Workflow::new(shape.name());
    let result = match shape {
        Shape::Chain => {
            let mut last = flow.add(start::new());
            for _ in 1..n {
                last = flow.add(next::new(last));
            }
            Outputs::Of(vec![last])
        }
        Shape::Independent => Outputs::Of((0..n as i64).map(|i| flow.add(constant::new(i))).collect()),
        Shape::FanOut => {
            let first = flow.add(start::new());
            let all: Vec<_> = (0..n).map(|_| flow.add(twice::new(first))).collect();
            Outputs::Of(vec![flow.add(sum::new(all))])
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
            Outputs::Of(before)
        }
        Shape::Map => {
            let source = flow.add(numbers::new(n as i64));
            let all = flow.map(source, twice::new);
            Outputs::Of(vec![flow.add(total::new(all))])
        }
        Shape::Growth => {
            flow = flow.rules(rules![step]).keep::<down>(); // the baselines keep all outputs as well
            flow.add(down::new(n as i64));
            Outputs::OfAll
        }
    };
    Built { flow, result }
}

impl Built {
    /// Runs it.
    ///
    /// # Panics
    ///
    /// When a node fails, which none does.
    pub async fn run(self) -> Ran {
        let report = self.flow.run().await.expect("no node fails");
        Ran { report, result: self.result }
    }
}

impl Ran {
    /// The number that the run came to.
    ///
    /// # Panics
    ///
    /// When a node has no output, which all have.
    pub fn result(&self) -> i64 {
        match &self.result {
            Outputs::Of(last) => {
                last.iter().map(|node| *self.report.output(*node).expect("every node has an output")).sum()
            }
            Outputs::OfAll => self.report.all::<down>().unwrap().sum(),
        }
    }
}
