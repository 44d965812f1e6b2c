//! The `Run` handle.

use dagcore::prelude::*;
use dagcore::{Error, Run};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

#[stage]
async fn wait(ms: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    ms
}

#[tokio::test(start_paused = true)]
async fn a_run_continues_in_the_background_and_returns_its_report_when_awaited() -> Result<(), Error> {
    let mut flow = Workflow::new("by itself");
    let first = flow.add(wait::new(100));
    let second = flow.add(wait::new(100).after(first));
    let run = flow.start()?;
    assert_eq!((run.name(), run.progress().nodes.succeeded), ("by itself", 0));
    tokio::time::sleep(Duration::from_millis(500)).await; // the run is not awaited
    assert_eq!(run.progress().nodes.succeeded, 2);
    let report = run.wait().await?;
    assert_eq!((*report.output(second)?, report.duration()), (100, Duration::from_millis(200)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_run_can_be_awaited_repeatedly_and_by_several_tasks() -> Result<(), Error> {
    let mut flow = Workflow::new("several");
    flow.add(wait::new(100));
    let run = flow.start()?;
    for turn in 0..3 {
        assert!(tokio::time::timeout(Duration::from_millis(20), run.ended()).await.is_err(), "turn {turn}");
    }
    tokio::join!(run.ended(), run.ended());
    run.ended().await;
    assert_eq!(run.wait().await?.duration(), Duration::from_millis(100));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_run_with_a_failure_is_an_error_for_its_handle_too() {
    #[stage]
    fn fails() -> Result<u32, String> {
        Err("no".to_owned())
    }
    let mut flow = Workflow::new("fails");
    flow.add(fails::new());
    let Err(Error::Failed(report)) = flow.start().unwrap().wait().await else { panic!("a node fails") };
    assert_eq!(report.failures().count(), 1);
}

#[test]
fn a_run_needs_a_runtime_around_it() {
    let error = Workflow::new("none").start().unwrap_err();
    assert!(matches!(error, Error::NoRuntime), "{error}");
    assert!(error.to_string().starts_with("`run` and `start` need a tokio runtime, and there is none"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_invalid_workflow_does_not_start() {
    let error = Workflow::new("none").concurrency(0).start().unwrap_err();
    assert!(matches!(error, Error::Build(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_empty_run_ends_at_once() -> Result<(), Error> {
    let run = Workflow::new("empty").start()?;
    run.ended().await;
    assert_eq!((run.progress().fraction(), run.progress().stages.len()), (1.0, 0));
    assert!(run.wait().await?.is_empty());
    Ok(())
}

struct Note(Arc<Notify>);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[stage]
async fn holds(dropped: Arc<Notify>) -> u32 {
    let _note = Note(dropped);
    std::future::pending().await
}

#[stage]
async fn begins(begun: &AtomicU32) -> u32 {
    begun.fetch_add(1, Ordering::SeqCst)
}

/// A run that waits indefinitely, and would then start another node.
fn endless(dropped: &Arc<Notify>, begun: &Arc<AtomicU32>) -> Run {
    let mut flow = Workflow::new("endless");
    let first = flow.add(holds::new(Arc::clone(dropped)));
    flow.add(begins::new(Arc::clone(begun)).after(first));
    flow.start().unwrap()
}

#[tokio::test(start_paused = true)]
async fn dropping_a_run_handle_aborts_the_run() {
    let (dropped, begun) = (Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
    let run = endless(&dropped, &begun);
    tokio::time::sleep(Duration::from_millis(1)).await;
    drop(run);
    dropped.notified().await;
    assert_eq!(begun.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_future_of_a_run_aborts_the_run() {
    let (dropped, begun) = (Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
    let waits = endless(&dropped, &begun).wait();
    assert!(tokio::time::timeout(Duration::from_millis(1), waits).await.is_err());
    dropped.notified().await;
    assert_eq!(begun.load(Ordering::SeqCst), 0);
}

#[test]
fn a_run_can_be_sent_and_shared() {
    fn check<T: Send + Sync + 'static>() {}
    check::<Run>();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_concurrent_runs_end_while_they_are_queried() {
    #[stage]
    async fn step(n: u64) -> u64 {
        if n.is_multiple_of(3) {
            tokio::task::yield_now().await;
        }
        n
    }
    #[stage]
    fn plain(n: u64) -> u64 {
        n
    }
    rule! { go: when each(step), adds [plain], then |grow, node, _n| { grow.add(plain::new(node)); } }
    let runs = (0..20).map(|_| {
        let mut flow = Workflow::new("many").rules(rules![go]);
        for n in 0..200 {
            flow.add(step::new(n));
        }
        flow.start().unwrap()
    });
    for run in runs.collect::<Vec<_>>() {
        let mut last = run.progress();
        while last.fraction() < 1.0 || last.nodes.known < 400 {
            let now = run.progress();
            assert!(now.fraction() >= last.fraction() || now.growths() > last.growths(), "{last}\n{now}");
            last = now;
            tokio::task::yield_now().await;
        }
        assert_eq!(run.wait().await.unwrap().len(), 400);
    }
}

#[test]
fn a_runtime_that_is_dropped_does_not_wait_for_a_run_with_a_live_handle() {
    #[stage]
    async fn tiny(n: u64) -> u64 {
        n
    }
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for workers in [0, 1, 2] {
            let mut runtime = match workers {
                0 => tokio::runtime::Builder::new_current_thread(),
                _ => tokio::runtime::Builder::new_multi_thread(),
            };
            let runtime = runtime.worker_threads(workers.max(1)).enable_all().build().unwrap();
            let mut flow = Workflow::new("many");
            for n in 0..50_000_u64 {
                flow.add(tiny::new(n));
            }
            let run = runtime.block_on(async {
                let run = flow.start().unwrap();
                tokio::task::yield_now().await; // for one slice of the work
                run
            });
            drop(runtime);
            drop(run);
        }
        done.send(()).unwrap();
    });
    assert!(
        ended.recv_timeout(Duration::from_secs(60)).is_ok(),
        "the runtime must not wait for a run without a driver"
    );
}
