//! The shapes as a program with `dagcore` writes them, with its default settings.
//!
//! W5 is a `map` over a list that a node returns, which the guide recommends for a fan-out that is not known
//! beforehand; W6 is a rule that fires for each node of its stage and adds the next one; W10 has a rule for each node,
//! registered by the body of the previous rule.

use super::peer::{Peer, Reach};
use crate::workload::{self, GROUP, LAYER, MODULUS, Page, Shape, parents};
use dagcore::prelude::*;
use dagcore::{GrowthLimits, Tracker};
use tokio::runtime::Runtime;

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
    /// Counts down to zero. The bound is far beyond any workload, but such a rule must have one.
    step: when each(down), adds [down] within 2_000_000,
    then |grow, node, n| if *n > 0 { grow.add(down::new(node)); }
}

#[stage]
async fn later(n: &i64) -> i64 {
    n - 1
}

/// Adds the next step and the rule that waits for it.
fn again(node: Node<i64>) -> Rule {
    rule! {
        when done(node), adds [later, Rule],
        then |grow, n| if *n > 0 {
            let next_one = grow.add(later::new(node));
            grow.rule(again(next_one));
        }
    }
}

/// CPU work, and therefore a plain `fn`.
#[stage]
fn compute(n: i64) -> i64 {
    workload::compute(n)
}

#[stage]
async fn page(number: i64, of: i64) -> Page {
    Page::read(number, of)
}

rule! {
    /// Each page that was read leads to its links; each page is read once.
    follow: when each(page), adds [page by key],
    then |grow, _node, read| for link in read.links {
        grow.add(page::new(link, read.of).key(link));
    }
}

/// The first number of a group.
#[stage]
async fn group(number: i64) -> i64 {
    number * GROUP as i64
}

#[stage]
async fn member(n: i64) -> i64 {
    n
}

#[stage]
async fn merge(members: Gathered<i64>) -> i64 {
    members.outputs().sum()
}

rule! {
    /// The members of a group.
    fill: when each(group), adds [member],
    then |grow, _group, first| for n in 0..GROUP as i64 { grow.add(member::new(first + n)); }
}

rule! {
    /// Fires once nothing can add to a group.
    close: when closed(member) under each(group), adds [merge],
    then |grow, _group, members| { grow.add(merge::new(members)); }
}

/// A workflow, and the nodes whose outputs form its result.
pub struct Built {
    flow: Workflow,
    result: Outputs,
}

/// The outcome of a run.
pub struct Ran {
    report: Report,
    result: Outputs,
}

impl Built {
    /// Adds a tracker.
    #[allow(dead_code, reason = "the counts of instructions share this file and track nothing")]
    pub(super) fn tracked(mut self, tracker: impl Tracker + 'static) -> Self {
        self.flow = self.flow.track(tracker);
        self
    }
}

impl Ran {
    /// Returns the report.
    #[allow(dead_code, reason = "the counts of instructions share this file and track nothing")]
    pub(super) fn report(&self) -> &Report {
        &self.report
    }
}

enum Outputs {
    Of(Vec<Node<i64>>),
    /// All nodes that the rules of this shape added.
    OfAll(Shape),
}

/// Adds the nodes.
fn build(shape: Shape, n: usize) -> Built {
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
            Outputs::OfAll(shape)
        }
        Shape::Compute => Outputs::Of((0..n as i64).map(|i| flow.add(compute::new(i))).collect()),
        Shape::Crawl => {
            flow = flow.rules(rules![follow]);
            flow.add(page::new(0, n as i64).key(0));
            Outputs::OfAll(shape)
        }
        Shape::Groups => {
            flow = flow.rules(rules![fill, close]);
            for number in 0..(n / GROUP) as i64 {
                flow.add(group::new(number));
            }
            Outputs::OfAll(shape)
        }
        Shape::Rules => {
            // A million rules are the default limit, and a million steps need one more.
            flow = flow.keep::<later>().growth_limits(GrowthLimits::default().rules(2_000_000));
            let first = flow.add(constant::new(n as i64));
            flow.rule(again(first));
            Outputs::OfAll(shape)
        }
    };
    Built { flow, result }
}

/// The library.
pub struct Dagcore;

impl Peer for Dagcore {
    const NAME: &str = "dagcore";
    type Built = Built;
    type Ran = Ran;

    fn reach(_: Shape) -> Reach {
        Reach::All
    }

    fn build(shape: Shape, n: usize) -> Built {
        build(shape, n)
    }

    fn run(runtime: &Runtime, built: Built) -> Ran {
        let report = runtime.block_on(built.flow.run()).expect("no node fails");
        Ran { report, result: built.result }
    }

    fn result(Ran { report, result }: &Ran) -> i64 {
        match result {
            Outputs::Of(last) => last.iter().map(|node| *report.output(*node).expect("every node has an output")).sum(),
            Outputs::OfAll(Shape::Crawl) => {
                report.outputs::<page>().expect("keyed nodes are kept").map(Page::worth).sum()
            }
            Outputs::OfAll(Shape::Groups) => report.outputs::<merge>().expect("no node reads the outputs").sum(),
            Outputs::OfAll(Shape::Rules) => report.outputs::<later>().expect("the outputs are kept").sum(),
            Outputs::OfAll(_) => report.outputs::<down>().expect("the outputs are kept").sum(),
        }
    }
}
