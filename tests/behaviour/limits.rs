//! Shared resources of concurrent nodes: concurrency slots, pools and rates.

use crate::waiting::s;
use dagcore::prelude::*;
use dagcore::{Backoff, Error, Event, Rate, Update};
use futures::StreamExt;
use futures::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The current and the maximum number of concurrent nodes.
#[derive(Default)]
struct Running(AtomicU32, AtomicU32);

async fn run_beside(running: &Running, seconds: u64) {
    let now = running.0.fetch_add(1, Ordering::Relaxed) + 1;
    running.1.fetch_max(now, Ordering::Relaxed);
    tokio::time::sleep(s(seconds)).await;
    running.0.fetch_sub(1, Ordering::Relaxed);
}

#[stage(concurrency = 3)]
async fn limited(running: Arc<Running>) {
    run_beside(&running, 1).await;
}

#[stage(pool(memory = 2, gpu))]
async fn heavy(seconds: u64) -> u64 {
    tokio::time::sleep(s(seconds)).await;
    seconds
}

#[stage(pool(memory))]
async fn light(seconds: u64) -> u64 {
    tokio::time::sleep(s(seconds)).await;
    seconds
}

#[stage(rate = "2/s")]
async fn paced(n: u32) -> u32 {
    n
}

#[tokio::test(start_paused = true)]
async fn no_more_nodes_of_a_stage_run_than_its_concurrency_says() -> Result<(), Error> {
    for (most, seconds) in [(3, 4), (10, 1), (1, 10)] {
        let running = Arc::new(Running::default());
        let mut flow = Workflow::new("limit");
        if most != 3 {
            flow = flow.stage_concurrency::<limited>(most);
        }
        for _ in 0..10 {
            flow.add(limited::new(Arc::clone(&running)));
        }
        assert_eq!(flow.run().await?.duration().as_secs(), seconds);
        assert_eq!(running.1.load(Ordering::Relaxed), most);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nodes_run_concurrently_within_their_pools() -> Result<(), Error> {
    let mut flow = Workflow::new("pools").pool("memory", 5).pool("gpu", 1);
    let (first, second) = (flow.add(heavy::new(10_u64)), flow.add(heavy::new(10_u64)));
    let small = [(); 3].map(|()| flow.add(light::new(4_u64)));
    let run = flow.start()?;
    tokio::time::sleep(s(1)).await;
    assert_eq!(
        run.explain(second).to_string(),
        "node `heavy#1` is ready: it waits for its share of the pool `gpu`, of which 1 of 1 are taken"
    );
    let report = run.wait().await?;
    let began = |node| report.started(node).unwrap().as_secs();
    assert_eq!((began(first), began(second), small.map(began)), (0, 10, [0; 3]));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_node_that_needs_a_large_share_is_not_starved_by_small_ones() -> Result<(), Error> {
    let mut flow = Workflow::new("fair").pool("memory", 4).pool("gpu", 4);
    let small = [(); 4].map(|()| flow.add(light::new(2_u64)));
    let big = flow.add(heavy::new(1_u64).pool("memory", 4));
    let late: Vec<_> = (0..20).map(|_| flow.add(light::new(2_u64))).collect();
    let report = flow.run().await?;
    let began = |node: &Node<u64>| report.started(*node).unwrap().as_secs();
    assert_eq!((small.each_ref().map(began), began(&big)), ([0; 4], 2));
    assert!(late.iter().all(|node| began(node) >= 3));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nodes_of_a_stage_start_no_faster_than_its_rate_says() -> Result<(), Error> {
    let mut flow = Workflow::new("rate").rate::<light>(Rate::new(1, s(10)).burst(3)).pool("memory", 100);
    let paced: Vec<_> = (0..5_u32).map(|n| flow.add(paced::new(n))).collect();
    let light: Vec<_> = (0..5_u64).map(|_| flow.add(light::new(1_u64))).collect();
    let run = flow.start()?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(run.explain(paced[1]).to_string(), "node `paced#1` is ready: its turn comes in 400.0ms");
    let report = run.wait().await?;
    let tenths = |at: Duration| at.as_millis() / 100;
    let began: Vec<_> = paced.iter().map(|node| tenths(report.started(*node).unwrap())).collect();
    assert_eq!(began, [0, 5, 10, 15, 20]);
    let began: Vec<_> = light.iter().map(|node| report.started(*node).unwrap().as_secs()).collect();
    assert_eq!(began, [0, 0, 0, 10, 20]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_node_releases_its_shares_however_it_ends() -> Result<(), Error> {
    #[stage(concurrency = 1, retries = 1, backoff = Backoff::fixed(s(60)))]
    async fn fails(context: &StageContext) -> Result<(), String> {
        if context.attempt() == 1 { Err("once".to_owned()) } else { Ok(()) }
    }
    #[stage(pool(gpu), timeout = "5s")]
    async fn hangs() {
        std::future::pending().await
    }
    let mut flow = Workflow::new("back").pool("gpu", 1).grace(s(0));
    let retried = [(); 2].map(|()| flow.add(fails::new()));
    let (first, cancelled, last) = (flow.add(hangs::new()), flow.add(hangs::new()), flow.add(hangs::new()));
    let run = flow.start()?;
    tokio::time::sleep(s(7)).await;
    assert_eq!(run.progress().stage("fails").unwrap().nodes.awaiting_retry, 2);
    run.cancel_node(cancelled);
    let report = run.wait().await.or_else(Error::into_report)?;
    assert_eq!(retried.map(|node| report.ended(node).unwrap().as_secs()), [60; 2]);
    assert_eq!((report.ended(first).unwrap().as_secs(), report.started(last).unwrap().as_secs()), (5, 7));
    Ok(())
}

#[test]
fn a_missing_or_too_small_pool_is_reported_before_the_run() {
    let said = |flow: Workflow| {
        let mut flow = flow;
        flow.add(heavy::new(1_u64));
        flow.run_blocking().unwrap_err().to_string()
    };
    assert_eq!(
        said(Workflow::new("none").pool("memory", 1)),
        "workflow `none` cannot run\n  stage `heavy` takes 2 of the pool `memory`, which has 1: make the pool larger\n  \
         stage `heavy` takes from a pool: the workflow has no pool `gpu`: write `.pool(\"gpu\", ..)`, with its size"
    );
    let twice = said(Workflow::new("twice").pool("memory", 9).pool("gpu", 9).pool("gpu", 1));
    assert_eq!(twice, "workflow `twice` cannot run: the pool `gpu` is there twice: keep one");
    let empty = said(Workflow::new("empty").pool("memory", 9).pool("gpu", 9).stage_concurrency::<heavy>(0));
    assert_eq!(
        empty,
        "workflow `empty` cannot run: the concurrency limit of stage `heavy` lets nothing run: write at least 1"
    );
}

#[test]
fn a_call_that_takes_from_a_missing_pool_fails() {
    let mut flow = Workflow::new("calls").pool("memory", 4);
    let missing = flow.add(light::new(0_u64).pool("disk", 1));
    let large = flow.add(light::new(0_u64).pool("memory", 5));
    let fits = flow.add(light::new(0_u64).pool("memory", 4));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(
        report.error(missing).unwrap().cause().to_string(),
        "the workflow has no pool `disk`: write `.pool(\"disk\", ..)`, with its size"
    );
    assert_eq!(
        report.error(large).unwrap().cause().to_string(),
        "it needs 5 of the pool `memory`, which has 4: make the pool larger"
    );
    assert_eq!(report.state(fits), Some(NodeState::Succeeded));
}

#[test]
fn limits_hold_in_every_order_of_a_seeded_run() {
    for seed in 0..50 {
        let running = Arc::new(Running::default());
        let mut flow = Workflow::new("seeds").pool("memory", 3).pool("gpu", 1);
        for n in 0..6_u64 {
            flow.add(limited::new(Arc::clone(&running)));
            flow.add(heavy::new(n % 2));
            flow.add(light::new(n % 3));
        }
        let report = dagcore::testing::seeded(flow, seed).unwrap();
        assert!(running.1.load(Ordering::Relaxed) <= 3);
        assert_eq!(report.count(NodeState::Succeeded), 18);
    }
}

#[tokio::test]
async fn a_function_that_took_too_long_has_its_share_until_it_ends_beside_its_next_attempt() {
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, channel};
    #[stage(concurrency = 2, timeout = "5ms", retries = 1, backoff = Backoff::fixed(Duration::from_millis(1)))]
    fn holds(gate: &Mutex<Option<Receiver<()>>>) -> Result<(), String> {
        // The first attempt waits for the gate, which the second finds taken.
        let taken = gate.lock().unwrap().take();
        taken.map_or(Ok(()), |gate| gate.recv().map_err(|_| "opened".to_owned()))
    }
    let (openers, gates): (Vec<_>, Vec<_>) = (0..2).map(|_| channel::<()>()).unzip();
    let mut flow = Workflow::new("shares");
    let nodes: Vec<_> = gates.into_iter().map(|gate| flow.add(holds::new(Mutex::new(Some(gate))))).collect();
    let run = flow.start().unwrap();
    let over = |update: &Update| matches!(update, Update::Event(Event::RetryDue { .. }));
    let both = run.events().filter(|update| ready(over(update))).take(2).count();
    assert_eq!(tokio::time::timeout(s(30), both).await, Ok(2));
    // Both first attempts still run, so there is no free slot for a second one.
    assert_eq!(run.progress().nodes.ready, 2, "{}", run.progress());
    drop(openers);
    let report = tokio::time::timeout(s(30), run.wait()).await.unwrap().unwrap();
    assert!(nodes.iter().all(|node| report.failed_attempts(*node).len() == 1));
}

#[test]
fn a_node_that_gathers_a_node_with_a_missing_pool_still_runs() {
    #[stage]
    fn ends(all: Gathered<u64>) -> usize {
        all.errors().count()
    }
    let mut flow = Workflow::new("gathers");
    let lost = [(); 3].map(|()| flow.add(light::new(0_u64).pool("disk", 1)));
    let end = flow.add(ends::new(lost));
    let flow = flow.pool("memory", 1);
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(*report.output(end).unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_waits_behind_a_cancelled_one_still_starts() -> Result<(), Error> {
    let mut flow = Workflow::new("cancelled").pool("memory", 4);
    let first = flow.add(light::new(100_u64).pool("memory", 3));
    let large = flow.add(light::new(1_u64).pool("memory", 4));
    let small = flow.add(light::new(1_u64));
    let run = flow.start()?;
    tokio::time::sleep(s(5)).await;
    run.cancel_node(large);
    let report = run.wait().await.or_else(Error::into_report)?;
    assert_eq!((report.started(small).unwrap().as_secs(), report.ended(first).unwrap().as_secs()), (5, 100));
    Ok(())
}

#[test]
fn a_node_that_fails_instead_of_starting_does_not_end_a_seeded_run() {
    let mut flow = Workflow::new("seeded").pool("memory", 1);
    let lost = flow.add(light::new(0_u64).pool("disk", 1));
    let skipped = flow.add(light::new(lost));
    let report = dagcore::testing::seeded(flow, 7).or_else(Error::into_report).unwrap();
    assert_eq!((report.state(skipped), report.stopped()), (Some(NodeState::Skipped), None), "{report}");
}
