//! Cancellation of runs, nodes and stages.

use crate::waiting::{s, wait};
use dagcore::prelude::*;
use dagcore::{Error, Run};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[stage]
async fn child(seconds: u64) -> u64 {
    wait(seconds).await
}

rule! {
    follow: when each(wait), adds [child],
    then |grow, _node, seconds| { grow.add(child::new(*seconds)); }
}

#[stage]
fn count(all: Gathered<u64>) -> [usize; 3] {
    let of = |kind: fn(&Outcome<u64>) -> bool| all.iter().filter(|outcome| kind(outcome)).count();
    [
        of(|outcome| matches!(outcome, Outcome::Succeeded(_))),
        of(|outcome| matches!(outcome, Outcome::Cancelled(_))),
        of(|outcome| matches!(outcome, Outcome::Skipped(_))),
    ]
}

async fn after(flow: Workflow, seconds: u64) -> Run {
    let run = flow.start().unwrap();
    tokio::time::sleep(s(seconds) + Duration::from_millis(500)).await;
    run
}

async fn report(run: Run) -> Report {
    run.wait().await.or_else(Error::into_report).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_applies_no_rule_and_cancels_all_nodes_that_have_not_started() {
    let mut flow = Workflow::new("run").rules(rules![follow]).concurrency(2).grace(s(5));
    let nodes = [3, 60, 1, 1].map(|seconds: u64| flow.add(wait::new(seconds)));
    let run = after(flow, 1).await;
    run.cancel();
    let report = report(run).await;
    let states = nodes.map(|node| report.state(node).unwrap());
    assert_eq!(states, [NodeState::Succeeded, NodeState::Cancelled, NodeState::Cancelled, NodeState::Cancelled]);
    assert_eq!((report.nodes::<child>().count(), report.duration().as_millis() / 10), (0, 650));
    assert!(report.to_string().starts_with("workflow `run` was stopped after 6.5s: 4 nodes, 1 succeeded, 3 cancelled"));
    assert!(report.to_string().contains("the run was cancelled"), "{report}");
    assert_eq!((report.cancelled().count(), report.failures().count()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_cancelled_twice_does_not_wait() {
    let mut flow = Workflow::new("twice").grace(s(1_000));
    let node = flow.add(wait::new(60_u64));
    let run = after(flow, 1).await;
    run.cancel();
    tokio::time::sleep(s(1)).await;
    assert_eq!(run.progress().nodes.running, 1);
    run.cancel();
    let report = report(run).await;
    assert_eq!((report.state(node), report.duration().as_millis() / 10), (Some(NodeState::Cancelled), 250));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_node_is_a_failed_node_to_its_dependents() {
    let mut flow = Workflow::new("node");
    let nodes = [2, 60].map(|seconds: u64| flow.add(wait::new(seconds)));
    let [_, long] = nodes;
    let needs = flow.add(wait::new(long));
    let end = flow.add(count::new([nodes[0], long, needs]));
    let run = after(flow, 1).await;
    run.cancel_node(long);
    assert_eq!(
        run.explain(long).to_string(),
        "node `wait#1` was cancelled: the program cancelled it with `cancel_node`"
    );
    let report = report(run).await;
    assert_eq!((report.state(long), report.state(needs)), (Some(NodeState::Cancelled), Some(NodeState::Skipped)));
    assert_eq!((*report.output(end).unwrap(), report.stopped(), report.duration().as_secs()), ([1, 1, 1], None, 2));
    assert!(!report.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_node_is_cancelled_with_its_subtree_and_nothing_else() {
    let mut flow = Workflow::new("below").rules(rules![follow]);
    let nodes = [1, 1].map(|seconds: u64| flow.add(wait::new(seconds * 10)));
    let run = after(flow, 15).await;
    run.cancel_subtree(nodes[0]);
    let report = report(run).await;
    assert_eq!(report.count(NodeState::Cancelled), 1);
    let below = report.below::<child>(nodes[0]).map(|node| report.state(node).unwrap()).collect::<Vec<_>>();
    assert_eq!(below, [NodeState::Cancelled]);
    assert_eq!(nodes.map(|node| report.state(node)), [Some(NodeState::Succeeded); 2]);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_stage_also_cancels_nodes_that_are_added_later() {
    let mut flow = Workflow::new("stage").rules(rules![follow]);
    for seconds in [5_u64, 10, 20] {
        flow.add(wait::new(seconds));
    }
    let run = after(flow, 8).await;
    run.cancel_stage::<child>();
    let report = report(run).await;
    assert_eq!((report.count(NodeState::Succeeded), report.count(NodeState::Cancelled)), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_has_passed_its_deadline_is_cancelled() {
    let mut flow = Workflow::new("deadline").deadline(s(30)).grace(s(1));
    let node = flow.add(wait::new(60_u64));
    let report = report(flow.start().unwrap()).await;
    assert_eq!(report.state(node), Some(NodeState::Cancelled));
    assert_eq!((report.stopped(), report.duration().as_secs()), (Some("the run's deadline of 30s has passed"), 31));
}

#[tokio::test]
async fn a_plain_function_can_read_that_it_was_cancelled() {
    #[stage]
    fn spins(begun: Arc<AtomicBool>, context: &StageContext) -> bool {
        begun.store(true, Ordering::Release);
        while !context.is_cancelled() {
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }
    let begun = Arc::new(AtomicBool::new(false));
    let mut flow = Workflow::new("spins").grace(s(30));
    let node = flow.add(spins::new(Arc::clone(&begun)));
    let run = flow.start().unwrap();
    while !begun.load(Ordering::Acquire) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    run.cancel();
    let report = report(run).await;
    assert_eq!(report.state(node), Some(NodeState::Succeeded)); // it ended within its grace period
}

#[tokio::test(start_paused = true)]
async fn a_node_between_two_attempts_can_be_cancelled() {
    #[stage(retries = 9)]
    async fn fails() -> Result<u64, String> {
        Err("no".to_owned())
    }
    let mut flow =
        Workflow::new("pause").attempt_policy(dagcore::AttemptPolicy::new().backoff(dagcore::Backoff::fixed(s(100))));
    let node = flow.add(fails::new());
    let run = after(flow, 150).await;
    run.cancel_node(node);
    let report = report(run).await;
    assert_eq!((report.state(node), report.failed_attempts(node).len()), (Some(NodeState::Cancelled), 2));
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_or_belongs_elsewhere_cannot_be_cancelled() {
    let (mut flow, mut other) = (Workflow::new("one"), Workflow::new("other"));
    let (short, long) = (flow.add(wait::new(1_u64)), flow.add(wait::new(9_u64)));
    let foreign = other.add(wait::new(1_u64));
    let run = after(flow, 5).await;
    run.cancel_node(short);
    run.cancel_subtree(foreign);
    let report = report(run).await;
    assert!(report.is_success() && report.state(long) == Some(NodeState::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_applies_no_rule_to_groups_that_close_because_of_it() {
    #[stage]
    fn sum(all: Gathered<u64>) -> usize {
        all.len()
    }
    rule! {
        each_group: when settled(child) under each(wait), adds [sum],
        then |grow, _group, children| { grow.add(sum::new(children)); }
    }
    let mut flow = Workflow::new("groups").rules(rules![follow, each_group]).grace(s(0));
    flow.add(wait::new(1_u64));
    let run = after(flow, 1).await;
    run.cancel();
    let report = report(run).await;
    assert_eq!((report.len(), report.explain_rule("each_group")[0].fired), (2, 0), "{report}");
}

#[tokio::test(start_paused = true)]
async fn tens_of_thousands_of_nodes_are_cancelled_quickly() {
    let mut flow = Workflow::new("many").concurrency(1);
    let first = flow.add(child::new(100_u64));
    for _ in 0..40_000 {
        flow.add(wait::new(1_u64).after(first));
        flow.add(child::new(1_u64));
    }
    let run = after(flow, 1).await;
    let begin = std::time::Instant::now();
    run.cancel_stage::<child>();
    assert!(begin.elapsed() < s(5), "{:?}", begin.elapsed());
    let report = report(run).await;
    assert_eq!((report.count(NodeState::Cancelled), report.count(NodeState::Skipped)), (40_001, 40_000));
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_did_not_fire_because_of_a_cancellation_reports_it() {
    rule! {
        add_up: when closed(child), adds [count],
        then |grow, all| { grow.add(count::new(all)); }
    }
    let mut flow = Workflow::new("closed").rules(rules![follow, add_up]);
    flow.add(wait::new(9_u64));
    let run = after(flow, 1).await;
    run.cancel();
    tokio::time::sleep(s(3)).await;
    let said = run.explain_rule("add_up")[0].to_string();
    assert_eq!(said, "rule `add_up` never fired: the run was stopped before its body ran");
    let report = report(run).await;
    assert!(report.to_string().contains("rule `add_up` never fired: the run was stopped"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_report_names_the_nodes_that_were_cancelled() {
    let mut flow = Workflow::new("one");
    let node = flow.add(wait::new(9_u64).named("long"));
    let run = after(flow, 1).await;
    run.cancel_node(node);
    let report = report(run).await;
    assert!(
        report.to_string().ends_with("\n  node `long` was cancelled: the program cancelled it with `cancel_node`"),
        "{report}"
    );
}
