//! The cost of steps, decisions and cancellations.

use super::*;
use dagcore::{AnyNode, Choice, Decider};
use std::hint::black_box;
use std::time::Instant;

/// The time to take all steps: nodes and bodies of rules.
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

/// The time to take all choices, first the nodes and then the bodies of rules.
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
fn a_choice_costs_the_same_at_every_position() {
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
fn a_node_that_waits_for_a_decision_is_explained_without_scanning_the_others() {
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

/// The time to cancel nodes one by one.
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
    let by_subtree = |run: &Run, node: AnyNode| run.cancel_subtree(node);
    let new = || Workflow::new("cancelled");
    for from_the_back in [false, true] {
        for cancel in [by_node, by_subtree] {
            let ready = |flow: &mut Workflow, n| flow.add(endless::new(n)).untyped();
            costs_the_same(500, |nodes| cancelling(nodes, new(), ready, from_the_back, cancel));
            costs_the_same(500, |nodes| cancelling(nodes, new().concurrency(1), ready, from_the_back, cancel));
            costs_the_same(500, |nodes| cancelling(nodes, new().stepwise(), ready, from_the_back, cancel));
            let limit = |flow: &mut Workflow, n| flow.add(limited::new(n)).untyped();
            costs_the_same(500, |nodes| {
                cancelling(nodes, new().stage_concurrency::<limited>(1), limit, from_the_back, cancel)
            });
            let pool = |flow: &mut Workflow, n| flow.add(endless::new(n).pool("one", 1)).untyped();
            costs_the_same(500, |nodes| cancelling(nodes, new().pool("one", 1), pool, from_the_back, cancel));
            let rate = |flow: &mut Workflow, n| flow.add(slowed::new(n)).untyped();
            let seldom = Rate::new(1, Duration::from_secs(3_600));
            costs_the_same(500, |nodes| cancelling(nodes, new().rate::<slowed>(seldom), rate, from_the_back, cancel));
        }
    }
}

#[test]
fn cancelling_a_stage_again_does_not_scan_its_nodes() {
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
