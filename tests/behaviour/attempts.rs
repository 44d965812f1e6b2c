//! Retries and timeouts of nodes.

use crate::waiting::{s, wait};
use dagcore::dag::NotRetried;
use dagcore::prelude::*;
use dagcore::{AttemptPolicy, Backoff, Cause, Error};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Fails `failures` times, and then returns the number of the attempt that succeeded.
#[stage]
async fn flaky(failures: u32, context: &StageContext) -> Result<u32, String> {
    if context.attempt() <= failures { Err(format!("attempt {}", context.attempt())) } else { Ok(context.attempt()) }
}

const STEADY: Backoff = Backoff::exponential(s(1)).jitter(0.0);

#[tokio::test(start_paused = true)]
async fn a_failed_node_is_retried_with_increasing_backoff() -> Result<(), Error> {
    let mut flow = Workflow::new("again");
    let node = flow.add(flaky::new(3_u32).retries(3).backoff(STEADY));
    let report = flow.run().await?;
    assert_eq!(*report.output(node)?, 4);
    let attempts = report.failed_attempts(node);
    let told: Vec<String> = attempts.iter().map(|attempt| attempt.error.cause().to_string()).collect();
    assert_eq!(told, ["attempt 1", "attempt 2", "attempt 3"]);
    let began: Vec<u64> = attempts.iter().map(|attempt| attempt.started.since_start().as_secs()).collect();
    assert_eq!((began, report.started(node).unwrap().as_secs()), (vec![0, 1, 3], 7));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_last_attempt_failed_has_failed() {
    let mut flow = Workflow::new("too often");
    let node = flow.add(flaky::new(9_u32).named("it").retries(2).backoff(STEADY));
    let after = flow.add(wait::new(1_u64).after(node));
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert_eq!(report.explain(node).to_string(), "node `it` failed in 3 attempts: attempt 3");
    assert_eq!((report.failures().count(), report.state(after)), (1, Some(NodeState::Skipped)));
}

#[tokio::test(start_paused = true)]
async fn options_of_a_call_override_those_of_its_stage_and_of_the_workflow() -> Result<(), Error> {
    #[stage(retries = 1, backoff = STEADY)]
    async fn once_more(failures: u32, context: &StageContext) -> Result<u32, String> {
        flaky(failures, context).await
    }
    let mut flow =
        Workflow::new("who says").attempt_policy(AttemptPolicy::new().retries(5).backoff(Backoff::fixed(s(7))));
    let by_flow = flow.add(flaky::new(5_u32));
    let by_stage = flow.add(once_more::new(1_u32));
    let by_call = flow.add(once_more::new(2_u32).retries(2));
    let report = flow.run().await?;
    let delays = |node: Node<u32>| -> Vec<u64> {
        report.failed_attempts(node).iter().map(|a| a.until.since(a.ended).as_secs()).collect()
    };
    assert_eq!(delays(by_flow), [7; 5]);
    assert_eq!((delays(by_stage), delays(by_call)), (vec![1], vec![1, 2]));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn only_failures_that_match_the_predicate_are_retried() {
    #[stage(retries = 5, retry_if = NodeError::is_panic)]
    async fn odd(context: &StageContext) -> Result<u32, String> {
        assert!(context.attempt() > 1, "the first time");
        Err("the second time".to_owned())
    }
    let mut flow = Workflow::new("odd");
    let node = flow.add(odd::new());
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert_eq!(report.failed_attempts(node).len(), 1);
    let error = report.error(node).unwrap();
    assert_eq!(
        (error.cause().to_string().as_str(), error.not_retried()),
        ("the second time", Some(NotRetried::RetryIf))
    );
    assert!(error.to_string().ends_with("the second time; not retried: `retry_if` returned `false` for this failure"));
    assert!(
        report
            .explain(node)
            .to_string()
            .ends_with("in 2 attempts: the second time; not retried: `retry_if` returned `false` for this failure")
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_without_retries_has_no_reason_why_it_was_not_retried() {
    let mut flow = Workflow::new("plain");
    let nodes = [flow.add(flaky::new(9_u32)), flow.add(flaky::new(9_u32).retries(1).backoff(STEADY))];
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert!(nodes.iter().all(|node| report.error(*node).unwrap().not_retried().is_none()));
    assert_eq!(report.error(nodes[0]).unwrap().to_string(), "node `flaky#0` failed: attempt 1");
}

#[tokio::test(start_paused = true)]
async fn a_retry_predicate_that_panics_counts_as_false() {
    let mut flow = Workflow::new("panics");
    let node = flow.add(flaky::new(1_u32).retries(5).retry_if(|_| panic!("who knows")));
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert_eq!((report.state(node), report.failed_attempts(node).len()), (Some(NodeState::Failed), 0));
    assert!(
        report.explain(node).to_string().ends_with("; not retried: `retry_if` panicked"),
        "{}",
        report.explain(node)
    );
}

#[tokio::test(start_paused = true)]
async fn each_attempt_receives_all_inputs() -> Result<(), Error> {
    #[stage(retries = 2)]
    async fn takes(mut list: Vec<u32>, more: Vec<u32>, context: &StageContext) -> Result<usize, String> {
        list.extend(more);
        if context.attempt() < 3 { Err("not yet".to_owned()) } else { Ok(list.len()) }
    }
    #[stage]
    fn gives(n: u32) -> u32 {
        n
    }
    let mut flow = Workflow::new("inputs");
    let parts = [1_u32, 2].map(|n| flow.add(gives::new(n)));
    let node = flow.add(takes::new(vec![7, 8, 9], parts));
    assert_eq!(*flow.run().await?.output(node)?, 5);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_added_nodes_is_not_retried() {
    #[stage(adds(wait), retries = 3)]
    async fn grows(context: &StageContext<grows>) -> Result<(), String> {
        context.grow(|grow| {
            grow.add(wait::new(1_u64));
        });
        Err("after it grew".to_owned())
    }
    let mut flow = Workflow::new("grows");
    let node = flow.add(grows::new());
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert_eq!((report.state(node), report.failed_attempts(node).len()), (Some(NodeState::Failed), 0));
    assert_eq!(report.nodes::<wait>().count(), 1);
    let said = report.error(node).unwrap().to_string();
    assert!(said.ends_with("not retried: the node has added nodes, which another attempt would add again"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_fails_and_its_future_is_dropped() {
    struct Dropped(Arc<AtomicU32>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    #[stage(timeout = "1.5s", retries = 1, backoff = Backoff::fixed(Duration::from_millis(500)))]
    async fn slow(drops: Arc<AtomicU32>) -> u32 {
        let _held = Dropped(drops);
        std::future::pending().await
    }
    let drops = Arc::new(AtomicU32::new(0));
    let mut flow = Workflow::new("slow");
    let node = flow.add(slow::new(Arc::clone(&drops)));
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    let error = report.error(node).unwrap();
    assert!(error.is_timeout() && matches!(error.cause(), Cause::TimedOut { deadline: false, .. }));
    assert_eq!(error.cause().to_string(), "timed out after 1.5s");
    assert_eq!((report.failed_attempts(node).len(), report.duration().as_millis() / 10), (1, 350));
    tokio::time::sleep(s(1)).await;
    assert_eq!(drops.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_covers_all_attempts_and_their_backoff() {
    let mut flow = Workflow::new("deadline");
    let delays = flow.add(flaky::new(99_u32).retries(99).backoff(Backoff::fixed(s(3))).deadline(s(10)));
    let runs = flow.add(wait::new(60_u64).retries(99).deadline(s(10)));
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    // Attempts start at 0, 3, 6 and 9 seconds; the next one would start too late.
    assert_eq!((report.failed_attempts(delays).len(), report.ended(delays).unwrap().as_secs()), (3, 9));
    assert_eq!(report.error(delays).unwrap().not_retried(), Some(NotRetried::Deadline));
    let said = report.error(runs).unwrap().cause().to_string();
    assert_eq!((said.as_str(), report.ended(runs).unwrap().as_secs()), ("its deadline of 10s has passed", 10));
}

#[tokio::test]
async fn a_plain_function_that_times_out_fails_at_once_and_keeps_its_slot_until_it_ends() {
    #[stage]
    fn holds(begun: &Semaphore, gate: &Mutex<Receiver<()>>) {
        begun.add_permits(1);
        let _opened = gate.lock().unwrap().recv();
    }
    let (opener, gate) = channel::<()>();
    let (begun, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::new(gate)));
    let mut flow = Workflow::new("plain").concurrency(1);
    let first = flow.add(holds::new(begun.clone(), gate.clone()).timeout(Duration::from_millis(5)));
    let second = flow.add(holds::new(begun.clone(), gate));
    let run = flow.start().unwrap();
    let failed = async {
        while run.progress().nodes.failed == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(s(30), failed).await.unwrap();
    assert_eq!(
        run.explain(second).to_string(),
        "node `holds#1` is ready: 1 of 1 nodes run, which is the concurrency limit"
    );
    assert_eq!(begun.available_permits(), 1);
    drop(opener);
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    assert!(report.error(first).unwrap().is_timeout());
    assert_eq!(report.state(second), Some(NodeState::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn a_node_in_backoff_reports_it_and_releases_its_slot() {
    let mut flow = Workflow::new("delays").concurrency(1);
    let flaky = flow.add(flaky::new(1_u32).named("it").retries(1).backoff(Backoff::fixed(s(100))));
    let other = flow.add(wait::new(10_u64));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(40)).await;
    assert_eq!(run.explain(flaky).to_string(), "node `it` is tried again in 60.0s: it failed: attempt 1");
    let counts = run.progress().nodes;
    assert_eq!((counts.awaiting_retry, counts.succeeded), (1, 1));
    assert!(run.progress().to_string().starts_with("1 of 2 known nodes have ended (50 %), 1 awaiting retry"));
    let report = run.wait().await.unwrap();
    assert_eq!((report.duration().as_secs(), report.ended(other).unwrap().as_secs()), (100, 10));
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_deadline_passes_before_its_turn_does_not_run_again() {
    let mut flow = Workflow::new("late");
    let node = flow.add(flaky::new(1_u32).retries(3).backoff(Backoff::fixed(s(1))).deadline(s(10)));
    let run = flow.start().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    run.pause();
    tokio::time::sleep(s(60)).await;
    run.resume();
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    assert_eq!(report.error(node).unwrap().cause().to_string(), "its deadline of 10s has passed");
    assert_eq!(report.failed_attempts(node).len(), 1);
}

#[test]
fn a_run_that_is_stopped_while_a_rule_is_applied_adds_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap(); // without timers
    let mut flow = Workflow::new("stopped");
    let first = flow.add(flaky::new(0_u32));
    flow.add(flaky::new(0_u32).timeout(s(1)).after(first));
    flow.rule(rule! {
        when done(first), adds [flaky],
        then |grow, _n| {
            grow.add(flaky::new(0_u32));
            std::thread::sleep(Duration::from_millis(30)); // the time it takes to notice that there are no timers
        }
    });
    let report = runtime.block_on(flow.run()).or_else(Error::into_report).unwrap();
    assert!(report.stopped().is_none_or(|why| why.contains("enable_time")), "{report}");
}

#[test]
fn a_runtime_without_timers_is_reported_by_the_run() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut flow = Workflow::new("no timers");
    flow.add(flaky::new(1_u32).retries(1));
    let report = runtime.block_on(flow.run()).or_else(Error::into_report).unwrap();
    assert!(report.stopped().unwrap().contains("build it with `enable_time()`"), "{report}");
}

#[test]
fn attempts_and_timeouts_are_the_same_in_every_run_of_a_seed() {
    let program = || {
        let mut flow = Workflow::new("seeds").attempt_policy(AttemptPolicy::new().retries(2).timeout(s(5)));
        for n in 0..4_u32 {
            let first = flow.add(flaky::new(n));
            flow.add(wait::new(u64::from(n) * 3).after(first));
        }
        flow
    };
    for seed in 0..20 {
        let run = || dagcore::testing::seeded(program(), seed).or_else(Error::into_report).unwrap();
        let (one, two) = (run(), run());
        assert_eq!(one.to_string(), two.to_string());
        // `flaky(3)` fails three times; delays of 6 seconds are too long. The dependents of the first are skipped.
        assert_eq!((one.count(NodeState::Failed), one.count(NodeState::Skipped)), (2, 1), "{one}");
    }
}
