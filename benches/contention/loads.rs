//! W1 to W6 with work in every node, and nodes of uneven duration, each with async and with plain stages.

use super::spin::{rounds, spin};
use crate::workload::{LAYER, MODULUS, Shape, parents};
use dagcore::prelude::*;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The kind of the stages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// `async fn`, on the async workers.
    Async,
    /// `fn`, on the compute lane.
    Plain,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Async, Self::Plain];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Plain => "plain",
        }
    }
}

/// A workflow that has not run yet, and its expected result.
pub(super) struct Load {
    flow: Workflow,
    sum: Box<dyn Fn(&Report) -> i64>,
    expected: i64,
}

/// A node without dependencies: its duration, and that of its child, if it has one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Root {
    pub(super) length: Duration,
    pub(super) child: Option<Duration>,
}

/// A number that is passed through the graph, and the work of every node that reads it.
#[derive(Clone, Copy)]
pub(super) struct Number {
    value: i64,
    rounds: u32,
}

impl Number {
    fn worked(self, value: i64) -> Self {
        spin(self.rounds);
        Self { value, ..self }
    }
}

impl Load {
    /// One of W1 to W6, with this work in each of its `n` nodes.
    pub(super) fn shape(kind: Kind, shape: Shape, n: usize, work: Duration) -> Self {
        let (flow, sum) = match kind {
            Kind::Async => in_tasks::shape(shape, n, rounds(work)),
            Kind::Plain => in_threads::shape(shape, n, rounds(work)),
        };
        Self { flow, sum, expected: shape.expected(n) }
    }

    /// These nodes, and their children; if there are short nodes `before` them, they wait for all of those.
    pub(super) fn uneven(kind: Kind, before: usize, roots: &[Root]) -> Self {
        let (flow, sum) = match kind {
            Kind::Async => in_tasks::uneven(before, roots),
            Kind::Plain => in_threads::uneven(before, roots),
        };
        Self { flow, sum, expected: roots.len() as i64 }
    }

    /// Limits the number of concurrent nodes.
    pub(super) fn limited(mut self, limit: usize) -> Self {
        self.flow = self.flow.concurrency(limit);
        self
    }

    /// Runs the workflow, and returns the duration.
    ///
    /// # Panics
    ///
    /// If the result is wrong.
    pub(super) fn run(self, runtime: &Runtime) -> Duration {
        let start = Instant::now();
        let report = runtime.block_on(self.flow.run()).expect("no node fails");
        let took = start.elapsed();
        assert_eq!((self.sum)(&report), self.expected);
        took
    }
}

type Sum = Box<dyn Fn(&Report) -> i64>;

fn sum_of(nodes: Vec<Node<Number>>) -> Sum {
    Box::new(move |report| nodes.iter().map(|node| report.output(*node).expect("the node has ended").value).sum())
}

/// The same stages and workflows, with async functions or plain ones.
macro_rules! loads {
    ($module:ident, $($is_async:tt)?) => {
        mod $module {
            use super::*;

            #[stage]
            $($is_async)? fn constant(number: Number) -> Number {
                number.worked(number.value)
            }

            #[stage]
            $($is_async)? fn next(number: &Number) -> Number {
                number.worked(number.value + 1)
            }

            #[stage]
            $($is_async)? fn twice(number: &Number) -> Number {
                number.worked(number.value * 2)
            }

            #[stage]
            $($is_async)? fn three(a: &Number, b: &Number, c: &Number) -> Number {
                a.worked((a.value + b.value + c.value) % MODULUS)
            }

            #[stage]
            $($is_async)? fn numbers(n: i64, rounds: u32) -> Vec<Number> {
                (0..n).map(|value| Number { value, rounds }).collect()
            }

            #[stage]
            $($is_async)? fn sum(all: Gathered<Number>) -> Number {
                Number { value: all.outputs().map(|number| number.value).sum(), rounds: 0 }
            }

            #[stage]
            $($is_async)? fn total(all: &[Number]) -> Number {
                Number { value: all.iter().map(|number| number.value).sum(), rounds: 0 }
            }

            #[stage]
            $($is_async)? fn down(number: &Number) -> Number {
                number.worked(number.value - 1)
            }

            rule! {
                /// Counts down to zero.
                step: when each(down), adds [down] within 2_000_000,
                then |grow, node, number| if number.value > 0 { grow.add(down::new(node)); }
            }

            /// A root counts as one, and so does a child.
            #[stage]
            $($is_async)? fn child(_root: &Number, rounds: u32) -> Number {
                Number { value: 1, rounds }.worked(1)
            }

            pub(super) fn shape(shape: Shape, n: usize, rounds: u32) -> (Workflow, Sum) {
                let mut flow = Workflow::new(shape.name());
                let one = Number { value: 1, rounds };
                let result = match shape {
                    Shape::Chain => {
                        let mut last = flow.add(constant::new(one));
                        for _ in 1..n {
                            last = flow.add(next::new(last));
                        }
                        vec![last]
                    }
                    Shape::FanOut => {
                        let first = flow.add(constant::new(one));
                        let all: Vec<_> = (0..n).map(|_| flow.add(twice::new(first))).collect();
                        vec![flow.add(sum::new(all))]
                    }
                    Shape::Layers => {
                        let mut before: Vec<_> = (0..LAYER).map(|_| flow.add(constant::new(one))).collect();
                        for layer in 1..n / LAYER {
                            let add = |place| {
                                let [a, b, c] = parents(layer, place).map(|parent| before[parent]);
                                flow.add(three::new(a, b, c))
                            };
                            before = (0..LAYER).map(add).collect();
                        }
                        before
                    }
                    Shape::Map => {
                        let source = flow.add(numbers::new(n as i64, rounds));
                        let all = flow.map(source, twice::new);
                        vec![flow.add(total::new(all))]
                    }
                    Shape::Growth => {
                        flow = flow.rules(rules![step]).keep::<down>();
                        flow.add(down::new(Number { value: n as i64, rounds }));
                        let all = |report: &Report| report.outputs::<down>().expect("they are kept").map(|it| it.value).sum();
                        return (flow, Box::new(all));
                    }
                    _ => (0..n as i64).map(|value| flow.add(constant::new(Number { value, rounds }))).collect(),
                };
                (flow, sum_of(result))
            }

            pub(super) fn uneven(before: usize, roots: &[Root]) -> (Workflow, Sum) {
                let mut flow = Workflow::new("uneven");
                let one = |length| Number { value: 1, rounds: rounds(length) };
                let known: Vec<_> = (0..before).map(|_| flow.add(constant::new(one(Duration::ZERO)))).collect();
                let gate = (before > 0).then(|| flow.add(sum::new(known)));
                let mut last = Vec::new();
                for root in roots {
                    let call = constant::new(one(root.length));
                    let node = flow.add(match gate {
                        Some(gate) => call.after(gate),
                        None => call,
                    });
                    last.push(match root.child {
                        Some(length) => flow.add(child::new(node, rounds(length))),
                        None => node,
                    });
                }
                (flow, sum_of(last))
            }
        }
    };
}

loads!(in_tasks, async);
loads!(in_threads,);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_load_comes_to_its_result_on_few_and_on_many_workers() {
        let short = Duration::from_nanos(200);
        for workers in [1, 16] {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).build().unwrap();
            for kind in Kind::ALL {
                for shape in &Shape::ALL[..6] {
                    Load::shape(kind, *shape, 300, short).run(&runtime); // it checks the result
                    Load::shape(kind, *shape, 300, short).limited(3).run(&runtime);
                }
                let roots = [None, Some(short)].map(|child| Root { length: short, child });
                Load::uneven(kind, 0, &roots).run(&runtime);
                Load::uneven(kind, 100, &roots).run(&runtime);
            }
        }
    }

    #[test]
    #[should_panic(expected = "left == right")]
    fn a_wrong_result_is_a_panic() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut load = Load::shape(Kind::Async, Shape::Chain, 3, Duration::ZERO);
        load.expected = 4;
        load.run(&runtime);
    }
}
