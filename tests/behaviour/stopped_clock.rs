//! A paused test clock does not advance while the library's own threads work for the run.

use dagcore::prelude::*;
use dagcore::{Event, RunSnapshot, Tracker};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use tests::watchdog::within;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout};

const LIMIT: Duration = Duration::from_secs(10);
/// A duration on the paused clock, which passes at once when that clock advances.
const FAR: Duration = Duration::from_secs(3_600);
/// A duration on the real clock, in which the paused clock would have advanced.
const REAL: Duration = Duration::from_millis(20);

fn stopped_clock() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).max_blocking_threads(1).build().unwrap()
}

/// Reports that it has begun outside the pool; from then on the pool is idle, and finds that its task has been started.
#[stage]
fn slow(begun: Sender<()>) {
    begun.send(()).unwrap();
    std::thread::sleep(REAL);
}

#[test]
fn it_stands_still_while_a_plain_function_runs_that_the_hosts_pool_did_not_begin() {
    let (begun, begins) = channel();
    let report = within(LIMIT, || {
        stopped_clock().block_on(async {
            tokio::task::spawn_blocking(move || begins.recv().unwrap());
            let mut flow = Workflow::new("beside the pool");
            flow.add(slow::new(begun).timeout(FAR));
            flow.run().await.unwrap()
        })
    });
    assert_eq!(report.duration(), Duration::ZERO, "{report}");
}

#[test]
fn it_stands_still_while_the_end_of_a_run_waits_for_a_tracker() {
    struct Slow;

    impl Tracker for Slow {
        fn event(&mut self, _: &Event, _: &RunSnapshot) {
            std::thread::sleep(REAL);
        }
    }

    #[stage]
    async fn quick() {}

    within(LIMIT, || {
        stopped_clock().block_on(async {
            let begin = Instant::now();
            let mut flow = Workflow::new("slow tracker").track(Slow);
            flow.add(quick::new());
            let report = timeout(FAR, flow.run()).await.expect("the clock does not advance").unwrap();
            assert_eq!(report.trackers().iter().filter(|tracked| tracked.is_late()).count(), 0, "{report}");
            assert_eq!(begin.elapsed(), Duration::ZERO);
        });
    });
}
