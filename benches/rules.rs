//! The overhead of waiting rules: `cargo bench -p benches --bench rules`.
//!
//! 100,000 nodes are added and run, and one rule fires for each, while 10, 100, 1,000 or 10,000 other rules of one kind
//! are armed. The time is measured from the start of the first node to the end of the last, so it does not include
//! registering the rules or firing them at the end; these are reported separately. The time should be the same for 10
//! rules and for 10,000. Only predicates that read changing state cost more, as they are evaluated again.

#![expect(clippy::print_stdout, reason = "the program prints the table")]

use benches::took::Took;
use dagcore::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

#[stage]
async fn numbers(n: i64) -> Vec<i64> {
    (0..n).collect()
}

#[stage]
async fn twice(n: i64) -> i64 {
    n * 2
}

#[stage]
async fn total(all: &[i64]) -> i64 {
    all.iter().sum()
}

/// The nodes that predicates read, one per predicate.
#[stage]
async fn other(n: i64) -> i64 {
    n
}

/// A stage without nodes.
#[stage]
async fn quiet() {}

/// No node of this stage is added; but one could be until the last node has ended.
#[stage]
async fn kept() {}

rule! {
    /// Fires for each of the nodes.
    look: when each(twice), adds [],
    then |_grow, _node, _n| {}
}

/// The condition of the armed rules.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Done,
    WaitingNode,
    RunningNode,
    CountRead,
    Count,
    Closed,
    Each,
}

impl Kind {
    const ALL: [(Self, &str); 7] = [
        (Self::Done, "done(last)"),
        (Self::WaitingNode, "|view| a node's state, all run last"),
        (Self::RunningNode, "|view| a node's state, all run too"),
        (Self::CountRead, "|view| count of a quiet stage"),
        (Self::Count, "count(stage) >= n, never reached"),
        (Self::Closed, "closed(stage), open until the last"),
        (Self::Each, "each(stage) of no node"),
    ];

    /// Returns `true` if the rules have fired by the end of the run.
    fn fires(self) -> bool {
        matches!(self, Self::Done | Self::Closed)
    }
}

/// The size of the measurement.
struct Size {
    nodes: i64,
    rules: &'static [usize],
    time: Duration,
    least: usize,
}

fn main() {
    // Set by `cargo bench`; without it, the bench is a smoke test.
    if std::env::args().any(|arg| arg == "--bench") {
        table(&Size { nodes: 100_000, rules: &[10, 100, 1_000, 10_000], time: Duration::from_secs(3), least: 5 });
    } else {
        table(&Size { nodes: 200, rules: &[2, 20], time: Duration::ZERO, least: 1 });
    }
}

fn table(size: &Size) {
    let runtime = Runtime::new().expect("a runtime starts");
    row("best/median", "rules", "ns/node", "ratio", "asked", "besides, ms");
    for (kind, name) in Kind::ALL {
        let mut samples: Vec<Vec<Sample>> = size.rules.iter().map(|_| Vec::new()).collect();
        let until = Instant::now() + size.time;
        while Instant::now() < until || samples[0].len() < size.least {
            for (rules, samples) in size.rules.iter().zip(&mut samples) {
                samples.push(sample(&runtime, kind, size.nodes, *rules));
            }
        }
        let mut fewest = None;
        for (rules, samples) in size.rules.iter().zip(&samples) {
            let took = |of: fn(&Sample) -> f64| Took::of(samples.iter().map(of).collect());
            let (nanos, besides) = (took(|sample| sample.nanos), took(|sample| sample.besides));
            let ratio = nanos.over(*fewest.get_or_insert(nanos));
            let (rules, asked) = (rules.to_string(), samples[0].asked.to_string());
            row(name, &rules, &nanos.show(0), &ratio.show(2), &asked, &besides.show(1));
        }
    }
}

fn row(kind: &str, rules: &str, nanos: &str, ratio: &str, asked: &str, besides: &str) {
    println!("{kind:<36}{rules:>7}{nanos:>12}{ratio:>12}{asked:>9}{besides:>14}");
}

struct Sample {
    /// The time from the start of the first node to the end of the last, per node.
    nanos: f64,
    /// The remaining time of the run, in milliseconds.
    besides: f64,
    /// The number of predicate evaluations.
    asked: usize,
}

fn sample(runtime: &Runtime, kind: Kind, nodes: i64, rules: usize) -> Sample {
    let mut flow = Workflow::new("rules").rules(rules![look]);
    let first = flow.add(numbers::new(nodes));
    let all = flow.map(first, twice::new);
    let last = flow.add(total::new(all));
    let asked = Arc::new(AtomicUsize::new(0));
    arm(&mut flow, kind, rules, last, &asked);

    let start = Instant::now();
    let report = runtime.block_on(flow.run()).expect("nothing fails");
    let whole = start.elapsed();

    let sum = (0..nodes).map(|n| n * 2).sum::<i64>();
    assert_eq!(report.output(last).copied(), Ok(sum));
    assert_eq!(report.unfired().count(), if kind.fires() { 0 } else { rules });
    let within = report.ended(last).zip(report.started(first)).map(|(end, start)| end - start);
    let within = within.expect("both measurements have run");
    let others = if kind == Kind::RunningNode { rules } else { 0 }; // they run meanwhile too
    Sample {
        nanos: within.as_nanos() as f64 / (nodes as usize + others) as f64,
        besides: (whole - within).as_secs_f64() * 1e3,
        asked: asked.load(Ordering::Relaxed),
    }
}

/// Registers a number of rules of a kind, none of which can fire before the last node has ended.
fn arm(flow: &mut Workflow, kind: Kind, rules: usize, last: Node<i64>, asked: &Arc<AtomicUsize>) {
    if kind == Kind::Closed {
        flow.rule(rule! { when done(last), adds [kept], then |_grow, _sum| {} });
    }
    for number in 0..rules {
        let asked = Arc::clone(asked);
        let ask = move || asked.fetch_add(1, Ordering::Relaxed);
        let rule = match kind {
            Kind::Done => rule! { when done(last), adds [quiet], then |_grow, _sum| {} },
            Kind::WaitingNode | Kind::RunningNode => {
                let call = other::new(number as i64);
                let node = flow.add(if kind == Kind::WaitingNode { call.after(last) } else { call });
                rule! {
                    when |view| { ask(); view.state(node) == Some(NodeState::Failed) }, adds [quiet],
                    then |_grow| {}
                }
            }
            Kind::CountRead => rule! {
                when |view| { ask(); view.count::<quiet>() > 0 }, adds [quiet],
                then |_grow| {}
            },
            Kind::Count => {
                let never = 100_000_000 + number;
                rule! { when count(twice) >= never, adds [quiet], then |_grow, _nodes| {} }
            }
            Kind::Closed => rule! { when closed(kept), adds [quiet], then |_grow, _nodes| {} },
            Kind::Each => rule! { when each(quiet), adds [other], then |_grow, _node, _nothing| {} },
        };
        flow.rule(rule);
    }
}
