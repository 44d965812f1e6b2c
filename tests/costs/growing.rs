//! The cost of additions, explanations and pools.

use super::*;
use dagcore::{AnyNode, Error, NodeExplanation, StartOrder};
use std::hint::black_box;
use std::time::Instant;

/// The time to append a chain node by node while other nodes start, with another addition beside each node.
async fn chain(nodes: usize, beside: fn(&Run, usize, Node<usize>)) -> Duration {
    let mut flow = Workflow::new("chain").start_order(StartOrder::CriticalPath).concurrency(2);
    let mut last = flow.add(endless::new(0_usize));
    let run = started(flow).await;
    let from = Instant::now();
    for n in 0..nodes {
        beside(&run, n, last);
        last = run.append(|grow| grow.add(endless::new(last))).unwrap();
        if n % 4 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let took = from.elapsed();
    given_up(run).await;
    took
}

#[test]
fn a_node_at_the_end_of_a_long_path_costs_the_same_as_at_the_end_of_a_short_one() {
    costs_the_same(1_000, |nodes| {
        chain(nodes, |run, n, _| {
            run.append(|grow| grow.add(plain::new(n))).unwrap();
        })
    });
    costs_the_same(1_000, |nodes| {
        chain(nodes, |run, n, last| {
            run.append(|grow| [grow.add(plain::new(n)), grow.add(plain::new(last))]).unwrap();
        })
    });
    costs_the_same(1_000, |nodes| {
        chain(nodes, |run, _, last| {
            let leaf = run.append(|grow| grow.add(plain::new(last))).unwrap();
            run.cancel_node(leaf);
        })
    });
}

#[test]
fn a_node_deep_below_nodes_that_have_keys_below_them_costs_the_same() {
    costs_the_same(400, async |depth| {
        let mut flow = Workflow::new("deep").rules(rules![deeper, visit]);
        flow.add(site::new(depth));
        let from = Instant::now();
        let report = flow.run().await.unwrap();
        assert_eq!(report.nodes::<visited>().count(), depth + 1);
        from.elapsed()
    });
}

/// The time to append something repeatedly.
async fn appending(times: usize, flow: Workflow, mut append: impl FnMut(&Run, usize)) -> Duration {
    let run = started(flow).await;
    let from = Instant::now();
    (0..times).for_each(|n| append(&run, n));
    let took = from.elapsed();
    given_up(run).await;
    took
}

fn open() -> Workflow {
    let mut flow = Workflow::new("open");
    flow.add(endless::new(0_usize));
    flow
}

#[test]
fn an_appended_node_costs_the_same_however_many_there_are() {
    costs_the_same(1_000, |times| {
        appending(times, open(), |run, n| {
            run.append(|grow| grow.add(plain::new(n))).unwrap();
        })
    });
    costs_the_same(1_000, |times| {
        appending(times, open(), |run, n| {
            run.append(|grow| grow.add(plain::new(n).key(n))).unwrap();
        })
    });
    costs_the_same(1_000, |times| {
        appending(times, open(), |run, n| {
            run.append(|grow| grow.add(plain::new(n).named("one"))).unwrap();
        })
    });
}

#[test]
fn an_appended_rule_costs_the_same_however_many_there_are() {
    costs_the_same(300, |times| {
        appending(times, open(), |run, n| {
            let rule = |grow: &mut Growth<'_, _>| {
                let node = grow.add(endless::new(n));
                grow.rule(rule! { when done(node), adds [visited], then |grow, n| { grow.add(visited::new(*n)); } });
            };
            run.append(rule).unwrap();
        })
    });
}

#[test]
fn an_appended_rule_costs_the_same_however_many_nodes_have_something_below_them() {
    costs_the_same(150, async |nodes| {
        let mut flow = Workflow::new("sites").rules(rules![parts, sum_up]);
        for n in 0..nodes {
            flow.add(site::new(n));
        }
        appending(nodes, flow, |run, _| {
            let rule = rule! { when each(plain), adds [broken], then |grow, _node, n| { grow.add(broken::new(*n)); } };
            run.append(|grow| grow.rule(rule)).unwrap();
        })
        .await
    });
}

/// The time to explain these nodes.
async fn explaining(flow: Workflow, nodes: Vec<AnyNode>) -> Duration {
    let run = started(flow).await;
    let from = Instant::now();
    nodes.into_iter().for_each(|node| drop(black_box(run.explain(node))));
    let took = from.elapsed();
    given_up(run).await;
    took
}

#[test]
fn an_explanation_of_a_node_costs_the_same_however_distant_its_failure_is() {
    costs_the_same(300, |nodes| {
        let mut flow = Workflow::new("skipped");
        let mut last = flow.add(broken::new(0_usize));
        let mut skipped = Vec::new();
        for _ in 0..nodes {
            last = flow.add(broken::new(last));
            skipped.push(last.untyped());
        }
        explaining(flow, skipped)
    });
}

#[test]
fn an_explanation_of_the_list_of_a_map_costs_the_same_however_many_rules_there_are() {
    costs_the_same(1_500, |maps| {
        let mut flow = Workflow::new("maps");
        let list = flow.add(endless_list::new(1_usize));
        let lists = (0..maps).map(|_| flow.map(list, plain::new).untyped()).collect();
        explaining(flow, lists)
    });
}

#[test]
fn a_pool_costs_the_same_however_many_there_are() {
    costs_the_same(1_500, async |pools| {
        let mut flow = Workflow::new("pools");
        for n in 0..pools {
            flow = flow.pool(format!("the pool number {n}"), 1);
            flow.add(plain::new(n).pool(format!("the pool number {n}"), 1));
        }
        let from = Instant::now();
        flow.run().await.unwrap();
        from.elapsed()
    });
}

#[test]
fn a_choice_of_a_seeded_run_costs_little_more_where_many_nodes_are_ready() {
    costs_the_same(1_000, async |nodes| {
        let flow = plains(nodes);
        let from = Instant::now();
        tokio::task::spawn_blocking(move || dagcore::testing::seeded(flow, 1)).await.unwrap().unwrap();
        from.elapsed()
    });
}

#[test]
fn an_explanation_counts_the_nodes_on_the_way_to_a_failure_and_names_the_nearest() -> Result<(), Error> {
    let mut flow = Workflow::new("far");
    let mut last = flow.add(broken::new(0_usize).named("first"));
    for n in 0..8 {
        last = flow.add(broken::new(last).named(format!("skipped {n}")));
    }
    let report = flow.run_blocking().or_else(Error::into_report)?;
    let NodeExplanation::Skipped { through, because, .. } = report.explain(last) else { panic!("{report}") };
    assert_eq!((through.count, because.name()), (7, "first"));
    assert_eq!(through.first, ["skipped 6", "skipped 5", "skipped 4", "skipped 3", "skipped 2"]);
    Ok(())
}
