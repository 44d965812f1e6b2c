//! What a step, a cancellation, an addition or an explanation costs does not depend on how many others there are.
//!
//! Each test compares the time per item of a few items with that of eight times as many. Where an item is looked at for each
//! other one, that is eight times the time; a test fails at four times, as many items miss the processor's caches more often.

use dagcore::prelude::*;
use dagcore::{AnyNode, Choice, Decider, Error, NodeExplanation, Order, Rate, Run};
use std::future::pending;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[stage]
async fn plain(n: usize) -> usize {
    n
}

#[stage]
async fn endless(n: usize) -> usize {
    pending::<()>().await;
    n
}

#[stage]
async fn endless_list(n: usize) -> Vec<usize> {
    pending::<()>().await;
    vec![n]
}

#[stage]
async fn limited(n: usize) -> usize {
    pending::<()>().await;
    n
}

#[stage]
async fn slowed(n: usize) -> usize {
    n
}

#[stage]
async fn broken(n: usize) -> Result<usize, String> {
    Err(format!("no {n}"))
}

#[stage]
async fn site(below: usize) -> usize {
    below
}

#[stage]
async fn visited(n: usize) -> usize {
    n
}

rule! {
    look: when each(plain), adds [visited],
    then |_grow, _node, _n| {}
}

rule! {
    deeper: when each(site), adds [site] within 1_000_000,
    then |grow, _node, below| if *below > 0 { grow.add(site::new(below - 1)); }
}

rule! {
    visit: when each(site), adds [visited by key under site],
    then |grow, _node, below| { grow.add(visited::new(*below).key("here")); }
}

rule! {
    parts: when each(site), adds [endless],
    then |grow, _node, n| { grow.add(endless::new(*n)); }
}

rule! {
    sum_up: when settled(endless) under each(site), adds [visited],
    then |grow, _site, parts| { grow.add(visited::new(parts.len())); }
}

const MORE: usize = 8;
const TRIES: usize = 6;

/// Fails when an item of `MORE * few` costs much more than one of `few`, in every try.
fn costs_the_same<F: Future<Output = Duration>>(few: usize, run: impl Fn(usize) -> F) {
    let took = |items: usize| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.unwrap().block_on(run(items))
    };
    let (mut of_few, mut of_many) = (Duration::MAX, Duration::MAX);
    for _ in 0..TRIES {
        of_few = of_few.min(took(few));
        of_many = of_many.min(took(MORE * few));
        if of_many < of_few * (4 * MORE) as u32 {
            return;
        }
    }
    panic!("{few} took {of_few:?}, and {MORE} times as many {of_many:?}");
}

fn plains(count: usize) -> Workflow {
    let mut flow = Workflow::new("plain");
    for n in 0..count {
        flow.add(plain::new(n));
    }
    flow
}

/// Starts a run, and waits until nothing is left to do at once.
async fn started(flow: Workflow) -> Run {
    let run = flow.start().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await; // the clock stands still until then
    run
}

async fn given_up(run: Run) {
    run.cancel();
    drop(run.wait().await);
}

/// How long it takes to take all steps, the bodies of rules as well as the nodes.
async fn stepping(nodes: usize) -> Duration {
    let run = plains(nodes).rules(rules![look]).stepwise().start().unwrap();
    let from = Instant::now();
    let mut steps = 0;
    while run.step().await.is_some() {
        steps += 1;
    }
    assert_eq!(steps, 2 * nodes + 1);
    from.elapsed()
}

#[test]
fn a_step_costs_the_same_however_many_could_be_taken() {
    costs_the_same(500, stepping);
}

/// How long it takes to choose all that can be chosen, first of the nodes and then of the bodies of rules.
async fn choosing(nodes: usize, in_order: fn(Vec<Choice>) -> Vec<Choice>) -> Duration {
    let run = plains(nodes).rules(rules![look]).stepwise().start().unwrap();
    let mut took = Duration::ZERO;
    for wanted in [
        |choice: &Choice| matches!(choice, Choice::StartNode { .. }),
        |choice: &Choice| matches!(choice, Choice::ApplyRule { .. }),
    ] {
        let choices = loop {
            let choices = run.next_choices().await;
            if choices.len() == nodes && choices.iter().all(wanted) {
                break in_order(choices);
            }
            tokio::task::yield_now().await;
        };
        let from = Instant::now();
        assert!(choices.iter().all(|choice| run.choose(choice)));
        took += from.elapsed();
    }
    given_up(run).await;
    took
}

#[test]
fn a_choice_costs_the_same_wherever_it_stands() {
    costs_the_same(300, |nodes| choosing(nodes, |choices| choices));
    costs_the_same(300, |nodes| choosing(nodes, |choices| choices.into_iter().rev().collect()));
}

struct Refusing;

impl Decider for Refusing {
    async fn decide(&mut self, choice: &Choice) -> bool {
        matches!(choice, Choice::StartNode { stage: "visited", .. })
    }

    fn again(&self) -> Duration {
        Duration::from_secs(1_000)
    }
}

#[test]
fn a_decider_that_refuses_many_nodes_is_queried_once_for_each_until_something_happens() {
    costs_the_same(2_000, async |nodes| {
        let mut flow = plains(nodes);
        flow.add(visited::new(1_usize));
        let from = Instant::now();
        let run = flow.decide(Refusing).start().unwrap();
        tokio::time::sleep(Duration::from_secs(10)).await;
        let took = from.elapsed();
        assert_eq!(run.progress().nodes.succeeded, 1);
        given_up(run).await;
        took
    });
}

#[test]
fn a_node_that_waits_for_a_decision_is_explained_without_a_look_at_the_others() {
    costs_the_same(500, async |nodes| {
        let mut flow = Workflow::new("gate");
        let nodes: Vec<_> = (0..nodes).map(|n| flow.add(plain::new(n))).collect();
        let run = started(flow.stepwise()).await;
        let from = Instant::now();
        nodes.iter().rev().for_each(|node| drop(black_box(run.explain(*node))));
        let took = from.elapsed();
        given_up(run).await;
        took
    });
}

/// How long it takes to cancel nodes one by one.
async fn cancelling(
    nodes: usize,
    mut flow: Workflow,
    add: fn(&mut Workflow, usize) -> AnyNode,
    from_the_back: bool,
    cancel: fn(&Run, AnyNode),
) -> Duration {
    let mut nodes: Vec<AnyNode> = (0..nodes).map(|n| add(&mut flow, n)).collect();
    if from_the_back {
        nodes.reverse();
    }
    let run = started(flow).await;
    let from = Instant::now();
    nodes.into_iter().for_each(|node| cancel(&run, node));
    let took = from.elapsed();
    given_up(run).await;
    took
}

#[test]
fn a_cancelled_node_costs_the_same_wherever_it_waits() {
    let by_node = |run: &Run, node: AnyNode| run.cancel_node(node);
    let with_lineage = |run: &Run, node: AnyNode| run.cancel_below(node);
    let new = || Workflow::new("cancelled");
    for from_the_back in [false, true] {
        for cancel in [by_node, with_lineage] {
            let ready = |flow: &mut Workflow, n| flow.add(endless::new(n)).untyped();
            costs_the_same(500, |nodes| cancelling(nodes, new(), ready, from_the_back, cancel));
            costs_the_same(500, |nodes| cancelling(nodes, new().concurrency(1), ready, from_the_back, cancel));
            costs_the_same(500, |nodes| cancelling(nodes, new().stepwise(), ready, from_the_back, cancel));
            let limit = |flow: &mut Workflow, n| flow.add(limited::new(n)).untyped();
            costs_the_same(500, |nodes| cancelling(nodes, new().limit::<limited>(1), limit, from_the_back, cancel));
            let pool = |flow: &mut Workflow, n| flow.add(endless::new(n).pool("one", 1)).untyped();
            costs_the_same(500, |nodes| cancelling(nodes, new().pool("one", 1), pool, from_the_back, cancel));
            let rate = |flow: &mut Workflow, n| flow.add(slowed::new(n)).untyped();
            let seldom = Rate::new(1, Duration::from_secs(3_600));
            costs_the_same(500, |nodes| cancelling(nodes, new().rate::<slowed>(seldom), rate, from_the_back, cancel));
        }
    }
}

#[test]
fn a_stage_that_is_cancelled_again_costs_no_look_at_its_nodes() {
    costs_the_same(300, async |times| {
        let mut flow = Workflow::new("again");
        for n in 0..times {
            flow.add(endless::new(n));
        }
        let run = started(flow).await;
        run.cancel_stage::<endless>();
        let from = Instant::now();
        (0..times).for_each(|_| run.cancel_stage::<endless>());
        let took = from.elapsed();
        given_up(run).await;
        took
    });
}

/// How long a chain takes that is appended node by node while other nodes start, with something appended beside each.
async fn chain(nodes: usize, beside: fn(&Run, usize, Node<usize>)) -> Duration {
    let mut flow = Workflow::new("chain").order(Order::CriticalPath).concurrency(2);
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

/// How long it takes to append something again and again.
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

/// How long it takes to explain these nodes.
async fn explaining(flow: Workflow, nodes: Vec<AnyNode>) -> Duration {
    let run = started(flow).await;
    let from = Instant::now();
    nodes.into_iter().for_each(|node| drop(black_box(run.explain(node))));
    let took = from.elapsed();
    given_up(run).await;
    took
}

#[test]
fn an_explanation_of_a_node_costs_the_same_however_far_its_failure_is() {
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
        let lists = (0..maps).map(|_| flow.map(list, |n| plain::new(n)).untyped()).collect();
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
