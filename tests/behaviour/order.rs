//! The start order of nodes, observed in a workflow that runs one node at a time.

use dagcore::prelude::*;
use dagcore::testing;
use dagcore::{Backoff, Error, StartOrder};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A duration in seconds.
const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[stage]
async fn work(seconds: u64) -> u64 {
    tokio::time::sleep(s(seconds)).await;
    seconds
}

#[stage(priority = 3, expected = "90s")]
async fn urgent() {
    tokio::time::sleep(s(1)).await;
}

/// The names of the nodes that ran, in the order in which they started.
fn started(report: &Report) -> Vec<String> {
    let graph = report.graph();
    let mut nodes: Vec<_> = graph.nodes().filter_map(|node| Some((graph.started(node)?, graph.name(node)))).collect();
    nodes.sort();
    nodes.into_iter().map(|(_, name)| name).collect()
}

/// Two items with three stages each, in this order; one node at a time.
async fn two_items(order: Option<StartOrder>) -> Result<Vec<String>, Error> {
    let mut flow = Workflow::new("items").concurrency(1);
    if let Some(order) = order {
        flow = flow.start_order(order);
    }
    for item in ["a", "b"] {
        let first = flow.add(work::new(1_u64).named(format!("{item}1")));
        let second = flow.add(work::new(1_u64).named(format!("{item}2")).after(first));
        flow.add(work::new(1_u64).named(format!("{item}3")).after(second));
    }
    Ok(started(&flow.run().await?))
}

#[tokio::test(start_paused = true)]
async fn by_default_one_item_goes_through_all_stages_before_the_next_begins() -> Result<(), Error> {
    assert_eq!(two_items(None).await?, ["a1", "a2", "a3", "b1", "b2", "b3"]);
    assert_eq!(two_items(Some(StartOrder::DepthFirst)).await?, ["a1", "a2", "a3", "b1", "b2", "b3"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn breadth_first_starts_the_node_that_became_ready_first() -> Result<(), Error> {
    assert_eq!(two_items(Some(StartOrder::BreadthFirst)).await?, ["a1", "b1", "a2", "b2", "a3", "b3"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_function_ranks_the_ready_nodes() -> Result<(), Error> {
    let last_name_first = StartOrder::by(|graph, node| i64::from(graph.name(node).as_bytes()[0]));
    assert_eq!(two_items(Some(last_name_first)).await?, ["b1", "b2", "b3", "a1", "a2", "a3"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_node_at_which_the_ranking_function_panics_comes_last() -> Result<(), Error> {
    let order = StartOrder::by(|graph, node| {
        assert!(graph.name(node) != "a2", "not this one");
        0
    });
    assert_eq!(two_items(Some(order)).await?, ["a1", "b1", "b2", "b3", "a2", "a3"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_report_does_not_hold_what_the_ranking_function_holds() -> Result<(), Error> {
    let held = Arc::new(1_i64);
    let rank = Arc::clone(&held);
    let mut flow = Workflow::new("held").start_order(StartOrder::by(move |_, _| *rank));
    flow.add(work::new(1_u64));
    let report = flow.run().await?;
    assert_eq!((Arc::strong_count(&held), report.graph().len()), (1, 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn priorities_count_before_any_order_and_what_a_call_says_before_its_stage() -> Result<(), Error> {
    let orders = [StartOrder::DepthFirst, StartOrder::BreadthFirst, StartOrder::CriticalPath, StartOrder::by(|_, _| 0)];
    for order in orders {
        let mut flow = Workflow::new("urgent").concurrency(1).start_order(order);
        flow.add(work::new(1_u64).named("plain"));
        flow.add(work::new(1_u64).named("last").priority(-1).expected(s(1_000)));
        flow.add(urgent::new().named("by its stage"));
        flow.add(urgent::new().named("by its call").priority(1));
        flow.add(work::new(1_u64).named("first").priority(i32::MAX));
        let report = flow.run().await?;
        assert_eq!(started(&report), ["first", "by its stage", "by its call", "plain", "last"]);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_longest_remaining_path_goes_first() -> Result<(), Error> {
    let mut flow = Workflow::new("paths").concurrency(1).start_order(StartOrder::CriticalPath);
    flow.add(work::new(5_u64).named("alone").expected(s(5)));
    let head = flow.add(work::new(1_u64).named("head").expected(s(1)));
    flow.add(work::new(3_u64).named("tail").expected(s(3)).after(head));
    flow.add(work::new(5_u64).named("long tail").expected(s(6)).after(head));
    flow.add(urgent::new().priority(0).named("as its stage expects"));
    let report = flow.run().await?;
    assert_eq!(started(&report), ["as its stage expects", "head", "long tail", "alone", "tail"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn where_no_time_is_expected_the_number_of_nodes_decides() -> Result<(), Error> {
    let mut flow = Workflow::new("lengths").concurrency(1).start_order(StartOrder::CriticalPath);
    for length in [1, 3, 2_u64] {
        let mut before = flow.add(work::new(1_u64).named(format!("{length}.1")));
        for index in 2..=length {
            before = flow.add(work::new(1_u64).named(format!("{length}.{index}")).after(before));
        }
    }
    assert_eq!(started(&flow.run().await?), ["3.1", "2.1", "3.2", "1.1", "2.2", "3.3"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_path_that_grows_while_the_run_goes_on_counts_from_then_on() -> Result<(), Error> {
    let mut flow = Workflow::new("growing").concurrency(1).start_order(StartOrder::CriticalPath);
    let first = flow.add(work::new(1_u64).named("first").expected(s(100)));
    let later = flow.add(work::new(1_u64).named("lengthened").expected(s(1)));
    flow.add(work::new(1_u64).named("other").expected(s(5)));
    flow.rule(rule! {
        when done(first), adds [work],
        then |grow, _seconds| {
            let next = grow.add(work::new(1_u64).named("new").after(later));
            grow.add(work::new(1_u64).named("newest").expected(s(9)).after(next));
        }
    });
    assert_eq!(started(&flow.run().await?), ["first", "lengthened", "new", "newest", "other"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_nodes_of_a_map_are_on_the_path_of_what_needs_their_list() -> Result<(), Error> {
    #[stage(inline, expected = "1min")]
    fn seconds() -> Vec<u64> {
        vec![1, 1]
    }
    #[stage(expected = "10s")]
    async fn sum(seconds: Vec<u64>) -> u64 {
        tokio::time::sleep(s(1)).await;
        seconds.iter().sum()
    }
    let mut flow = Workflow::new("map").concurrency(1).start_order(StartOrder::CriticalPath);
    let list = flow.add(seconds::new().named("list"));
    let elements = flow.map(list, |seconds| work::new(seconds).named("element").expected(s(1)));
    flow.add(work::new(1_u64).named("other").expected(s(5)));
    flow.add(sum::new(elements).named("sum"));
    let report = flow.run().await?;
    assert_eq!(started(&report)[2..], ["element", "map of work", "sum", "other"]); // the first two start at once
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_retried_node_keeps_its_priority() -> Result<(), Error> {
    #[stage(retries = 1, backoff = Backoff::fixed(Duration::from_secs(1)))]
    async fn flaky(context: &StageContext) -> Result<(), String> {
        if context.attempt() > 1 { Ok(()) } else { Err("once".to_owned()) }
    }
    let mut flow = Workflow::new("again").concurrency(1);
    flow.add(flaky::new().named("again").priority(1));
    for name in ["a", "b", "c"] {
        flow.add(work::new(2_u64).named(name));
    }
    assert_eq!(started(&flow.run().await?), ["a", "again", "b", "c"]);
    Ok(())
}

rule! {
    split: when each(branch), adds [branch] within 6,
    then |grow, node, n| if *n > 0 {
        for part in 0..2 {
            grow.add(branch::new(n - 1).after(node).priority(part - (*n as i32 % 2)).expected(s(*n)));
        }
    }
}

#[stage]
async fn branch(n: u64) -> u64 {
    tokio::time::sleep(s(1)).await;
    n
}

fn branches(order: StartOrder) -> Workflow {
    let mut flow = Workflow::new("branches").rules(rules![split]).start_order(order);
    flow.add(branch::new(4_u64));
    flow
}

fn orders() -> [StartOrder; 4] {
    [
        StartOrder::DepthFirst,
        StartOrder::BreadthFirst,
        StartOrder::CriticalPath,
        StartOrder::by(|_, node| node.index() as i64),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_concurrency_of_one_ends_in_every_order_and_all_orders_give_the_same_nodes() -> Result<(), Error> {
    for order in orders() {
        let report = branches(order.clone()).concurrency(1).run().await?;
        assert_eq!((report.graph().len(), report.duration()), (31, s(31)), "{order:?}");
    }
    Ok(())
}

#[test]
fn with_a_seed_every_ready_node_stays_a_choice_whatever_the_order() {
    for order in orders() {
        let first = |seed| {
            let mut flow = Workflow::new("seeds").concurrency(1).start_order(order.clone());
            for name in ["a", "b", "c"] {
                flow.add(work::new(1_u64).named(name).priority(i32::from(name == "b")));
            }
            started(&testing::seeded(flow, seed).unwrap()).swap_remove(0)
        };
        let seen: BTreeSet<String> = (0..40).map(first).collect();
        assert_eq!(seen.len(), 3, "{order:?}: {seen:?}");
        let graphs: BTreeSet<String> = (0..10)
            .map(|seed| testing::graph_of(&testing::seeded(branches(order.clone()), seed).unwrap()).to_string())
            .collect();
        assert_eq!(graphs.len(), 1, "{order:?}");
    }
}
