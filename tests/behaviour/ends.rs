//! Conditions for the end of a run.

use dagcore::prelude::*;
use dagcore::{Error, Event, RunSnapshot, Tracker};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;
use tests::watchdog::within;
use tokio::runtime::{Builder, Runtime};

const LIMIT: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(5);
/// Long enough for a function to have begun.
const LONG: Duration = Duration::from_millis(200);

type Gate = Arc<Mutex<Receiver<()>>>;

/// A gate that opens when the sender is dropped.
fn gate() -> (Sender<()>, Gate) {
    let (opener, gate) = channel();
    (opener, Arc::new(Mutex::new(gate)))
}

fn wait_at(gate: &Gate) {
    let _opened = gate.lock().unwrap().recv();
}

#[stage]
fn holds(gate: Gate) {
    wait_at(&gate);
}

#[stage(blocking)]
fn holds_blocking(gate: Gate) {
    wait_at(&gate);
}

#[stage]
async fn step(n: usize) -> usize {
    n
}

fn timed_out(report: &Report) -> usize {
    let timed = report.failures().filter(|error| matches!(error.cause(), dagcore::Cause::TimedOut { .. }));
    timed.count()
}

#[test]
fn run_blocking_returns_when_the_run_has_ended_although_a_plain_function_still_runs() {
    let (opener, gate) = gate();
    let report = within(LIMIT, move || {
        let mut flow = Workflow::new("timeouts");
        flow.add(holds::new(Arc::clone(&gate)).timeout(SHORT));
        flow.add(holds_blocking::new(gate).timeout(SHORT));
        flow.run_blocking().or_else(Error::into_report).unwrap()
    });
    assert_eq!(timed_out(&report), 2, "{report}");
    drop(opener);
}

#[test]
fn run_blocking_returns_when_the_run_was_cancelled_although_a_plain_function_still_runs() {
    let (opener, gate) = gate();
    let report = within(LIMIT, move || {
        let mut flow = Workflow::new("deadline").deadline(LONG).grace(SHORT);
        flow.add(holds::new(gate));
        flow.run_blocking().or_else(Error::into_report).unwrap()
    });
    assert_eq!(report.count(NodeState::Cancelled), 1, "{report}");
    drop(opener);
}

/// A tracker that waits at a gate at its first event.
struct Slow(Gate);

impl Tracker for Slow {
    fn event(&mut self, _: &Event, _: &RunSnapshot) {
        wait_at(&self.0);
    }

    fn drain_timeout(&self) -> Duration {
        SHORT
    }
}

/// A runtime whose blocking threads are all occupied by the host until the gate opens.
fn full(workers: usize, gate: &Gate) -> Runtime {
    let runtime = Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
    for _ in 0..512 {
        let gate = Arc::clone(gate);
        runtime.spawn_blocking(move || wait_at(&gate));
    }
    runtime
}

#[test]
fn the_end_waits_no_longer_than_the_drain_timeout_of_a_tracker_although_the_host_takes_all_blocking_threads() {
    let (host, host_gate) = gate();
    let (tracker, tracker_gate) = gate();
    let report = within(LIMIT, move || {
        let runtime = full(2, &host_gate);
        let report = runtime.block_on(async {
            let mut flow = Workflow::new("slow").track(Slow(tracker_gate));
            flow.add(step::new(1_usize));
            flow.run().await.unwrap()
        });
        runtime.shutdown_background();
        report
    });
    assert!(report.trackers()[0].is_late(), "{:?}", report.trackers());
    drop((host, tracker));
}

#[test]
fn a_node_starts_while_an_async_function_blocks_its_worker_although_the_host_takes_all_blocking_threads() {
    /// Short, except for two nodes, each of which blocks its thread until the other one has begun.
    #[stage]
    async fn short(pair: Option<Arc<Barrier>>) {
        if let Some(pair) = pair {
            pair.wait();
        }
    }

    let (host, host_gate) = gate();
    within(LIMIT, move || {
        let runtime = full(2, &host_gate);
        runtime.block_on(async {
            let mut flow = Workflow::new("stuck");
            // Enough nodes that the stage is known to be short, so no second worker is started for two more.
            let mut last = flow.add(short::new(None));
            for _ in 0..200 {
                last = flow.add(short::new(None).after(last));
            }
            let pair = Arc::new(Barrier::new(2));
            for _ in 0..2 {
                flow.add(short::new(Some(Arc::clone(&pair))).after(last));
            }
            flow.run().await.unwrap();
        });
        runtime.shutdown_background();
    });
    drop(host);
}
