//! The times of a run are monotonic, even if attempts take no time at all.

use dagcore::prelude::*;
use dagcore::track::Dump;
use dagcore::{Backoff, Error, testing};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tests::watchdog::within;
use tokio::runtime::{Builder, Runtime};

const LIMIT: Duration = Duration::from_secs(60);

#[stage]
async fn quick(n: usize) -> usize {
    n
}

#[stage]
fn plain(n: usize) -> usize {
    n
}

#[stage(blocking)]
fn blocking(n: usize) -> usize {
    n
}

#[stage]
async fn yields(n: usize) -> usize {
    tokio::task::yield_now().await;
    n
}

/// Starts when its parents have ended, whether they succeeded or not.
#[stage]
async fn ends(all: Gathered<usize>) -> usize {
    all.len()
}

#[stage]
fn plain_ends(all: Gathered<usize>) -> usize {
    all.len()
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap()
}

/// Nodes whose attempt timeout is zero, and nodes that start after those have ended.
fn no_time(name: &str) -> Workflow {
    let mut flow = Workflow::new(name);
    let no_time = Duration::ZERO;
    let again = Backoff::fixed(Duration::ZERO);
    let mut last = Vec::new();
    for n in 0..4 {
        let first = [
            flow.add(quick::new(n).timeout(no_time)),
            flow.add(plain::new(n).timeout(no_time).retries(2).backoff(again)),
            flow.add(yields::new(n).timeout(no_time).retries(2).backoff(again)),
            flow.add(blocking::new(n).timeout(no_time)),
        ];
        last.push(flow.add(plain_ends::new(first)));
        last.push(flow.add(ends::new(first)));
    }
    flow.add(ends::new(last));
    flow
}

#[test]
fn no_node_begins_before_its_parents_have_ended_although_attempts_may_take_no_time() {
    within(LIMIT, || {
        let runtime = runtime();
        for run in 0..2_000 {
            let report = runtime.block_on(no_time("no time").run()).or_else(Error::into_report).unwrap();
            report.check_order().unwrap_or_else(|error| panic!("run {run}: {error}"));
        }
    });
}

/// Runs a workflow and cancels nodes as soon as they may have started.
async fn cancelled_early(flow: Workflow) -> Report {
    let mut flow = flow.grace(Duration::ZERO);
    let more: Vec<_> = (0..40).map(|n| flow.add(yields::new(n))).collect();
    flow.add(ends::new(&more));
    let run = flow.start().unwrap();
    for node in more.iter().step_by(2) {
        run.cancel_node(*node);
        tokio::task::yield_now().await;
    }
    run.cancel_stage::<plain>();
    run.wait().await.or_else(Error::into_report).unwrap()
}

#[test]
fn no_time_runs_backwards_although_nodes_are_cancelled_early() {
    within(LIMIT, || {
        let runtime = runtime();
        for run in 0..1_000 {
            let report = runtime.block_on(cancelled_early(no_time("early")));
            report.check_order().unwrap_or_else(|error| panic!("run {run}: {error}"));
        }
    });
}

#[test]
fn the_dump_of_a_run_whose_nodes_were_cancelled_early_can_be_loaded() {
    let path = std::env::temp_dir().join(format!("dagcore-clock-{}.json", std::process::id()));
    let dump = path.clone();
    within(LIMIT, move || {
        let runtime = runtime();
        for run in 0..500 {
            runtime.block_on(cancelled_early(no_time("early").track(Dump::to(&dump))));
            Dump::load(&dump).unwrap_or_else(|error| panic!("run {run}: {error}"));
        }
    });
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_seeded_run_lets_an_attempt_end_that_takes_no_time() {
    let flow = || {
        let mut flow = Workflow::new("at once");
        let first = flow.add(quick::new(1_usize).timeout(Duration::ZERO));
        flow.add(plain::new(first).timeout(Duration::ZERO));
        flow.add(quick::new(first).deadline(Duration::ZERO));
        flow
    };
    let ordinary = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let mut first = Workflow::new("at once");
    first.add(quick::new(1_usize).timeout(Duration::ZERO));
    assert!(ordinary.block_on(first.run()).is_ok());
    for seed in 0..50 {
        let report = testing::seeded(flow(), seed).or_else(Error::into_report).unwrap();
        assert_eq!(report.count(NodeState::Succeeded), 3, "seed {seed}: {report}");
    }
}

#[test]
fn an_attempt_that_waits_and_may_take_no_time_fails_in_seeded_and_ordinary_runs() {
    /// Never returns.
    #[stage]
    async fn waits(begun: Arc<AtomicUsize>) {
        begun.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
    let begun = Arc::new(AtomicUsize::new(0));
    let flow = || {
        let mut flow = Workflow::new("waits");
        flow.add(
            waits::new(Arc::clone(&begun)).timeout(Duration::ZERO).retries(1).backoff(Backoff::fixed(Duration::ZERO)),
        );
        flow
    };
    let ordinary = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let reports = [
        ordinary.block_on(flow().run()).or_else(Error::into_report).unwrap(),
        testing::seeded(flow(), 1).or_else(Error::into_report).unwrap(),
    ];
    assert!(reports.iter().all(|report| report.count(NodeState::Failed) == 1));
    assert_eq!(begun.load(Ordering::SeqCst), 4);
}
