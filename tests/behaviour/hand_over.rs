//! Handover of pool shares and concurrency slots while nodes are cancelled.

use dagcore::prelude::*;
use dagcore::{Error, Run};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tests::watchdog::within;
use tokio::sync::oneshot;

const LIMIT: Duration = Duration::from_secs(10);

/// Holds its share until the gate opens.
#[stage(pool(shared))]
fn hold(begun: &Mutex<Option<oneshot::Sender<()>>>, gate: &Mutex<Receiver<()>>) {
    begun.lock().unwrap().take().unwrap().send(()).unwrap();
    let _opened = gate.lock().unwrap().recv();
}

/// Ends when `hold` has begun.
#[stage]
async fn go(begun: &Mutex<Option<oneshot::Receiver<()>>>) {
    let begun = begun.lock().unwrap().take().unwrap();
    begun.await.unwrap();
}

#[stage(pool(shared))]
async fn work() {}

#[stage(pool(shared))]
async fn other() {}

#[stage(pool(shared))]
fn plain(_input: &()) {}

#[stage(concurrency = 1)]
async fn limited(gate: &Mutex<Option<oneshot::Receiver<()>>>) {
    let gate = gate.lock().unwrap().take();
    if let Some(gate) = gate {
        gate.await.unwrap();
    }
}

/// Ends after its worker has looked for ready nodes a few times.
#[stage]
async fn yields() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[stage]
async fn group() {}

/// Runs the future on a runtime of one thread, under the watchdog.
fn on_one_thread<R: Send + 'static, F: Future<Output = R>>(body: impl FnOnce() -> F + Send + 'static) -> R {
    within(LIMIT, || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body()))
}

async fn until(run: &Run, holds: impl Fn(&dagcore::Progress) -> bool) {
    while !holds(&run.progress()) {
        tokio::task::yield_now().await;
    }
}

/// Waits without letting the runtime make progress: this is its only thread.
fn until_in_place(run: &Run, holds: impl Fn(&dagcore::Progress) -> bool) {
    while !holds(&run.progress()) {
        std::thread::yield_now();
    }
}

fn ready(progress: &dagcore::Progress, stage: &str) -> usize {
    progress.stage(stage).map_or(0, |stage| stage.nodes.ready)
}

/// A run in which the pool share has been handed over to the first `work`, which no worker has dequeued yet.
async fn handed_over(cancel: impl FnOnce(&Run, &[Node<()>])) -> (Report, [Node<()>; 2]) {
    let (begun, has_begun) = oneshot::channel();
    let (opener, gate) = channel();
    let mut flow = Workflow::new("shares").pool("shared", 1);
    flow.add(hold::new(Mutex::new(Some(begun)), Mutex::new(gate)));
    let start = flow.add(go::new(Mutex::new(Some(has_begun))));
    let works = [(); 3].map(|()| flow.add(work::new().after(start)));
    let waiting = flow.add(other::new().after(start));
    let last = flow.add(plain::new(waiting));
    let run = flow.start().unwrap();
    until(&run, |progress| ready(progress, "work") == 3 && ready(progress, "other") == 1).await;
    // One more turn, in which the worker finds that the share is taken.
    tokio::task::yield_now().await;
    opener.send(()).unwrap();
    until_in_place(&run, |progress| progress.stage("hold").unwrap().nodes.succeeded == 1);
    cancel(&run, &works);
    (run.wait().await.or_else(Error::into_report).unwrap(), [waiting, last])
}

#[test]
fn a_share_that_is_handed_to_a_node_of_a_cancelled_stage_goes_to_the_next_node() {
    let (report, [waiting, last]) = on_one_thread(|| handed_over(|run, _| run.cancel_stage::<work>()));
    assert_eq!((report.state(waiting), report.state(last)), (Some(NodeState::Succeeded), Some(NodeState::Succeeded)));
    assert_eq!((report.count(NodeState::Succeeded), report.count(NodeState::Cancelled)), (4, 3), "{report}");
}

#[test]
fn a_share_that_is_handed_to_a_cancelled_node_goes_to_the_next_node() {
    let cancel = |run: &Run, works: &[Node<()>]| works.iter().for_each(|node| run.cancel_node(*node));
    let (report, [waiting, last]) = on_one_thread(move || handed_over(cancel));
    assert_eq!((report.state(waiting), report.state(last)), (Some(NodeState::Succeeded), Some(NodeState::Succeeded)));
    assert_eq!((report.count(NodeState::Succeeded), report.count(NodeState::Cancelled)), (4, 3), "{report}");
}

#[test]
fn a_slot_that_is_handed_to_a_cancelled_subtree_goes_to_the_next_node() {
    let report = on_one_thread(|| async {
        let (opener, gate) = oneshot::channel();
        let mut flow = Workflow::new("places");
        flow.rule(rule! {
            when each(group), adds [limited],
            then |grow, _group, _| for _ in 0..3 { grow.add(limited::new(Mutex::new(None))); }
        });
        let first = flow.add(limited::new(Mutex::new(Some(gate))));
        let above = flow.add(group::new());
        flow.rule(rule! {
            when count(limited) >= 4, adds [limited, yields],
            then |grow, _limited| {
                let before = grow.add(yields::new()); // enqueued behind the others
                let next = grow.add(limited::new(Mutex::new(None)).after(before));
                let yields = grow.add(yields::new().after(next));
                grow.add(limited::new(Mutex::new(None)).after(yields).named("last"));
            }
        });
        let run = flow.start().unwrap();
        until(&run, |progress| ready(progress, "limited") == 4 && progress.nodes.known == 9).await;
        tokio::task::yield_now().await;
        run.pause(); // so that the node that received the share is not dequeued
        opener.send(()).unwrap();
        until(&run, |progress| progress.stage("limited").unwrap().nodes.succeeded > 0).await;
        run.cancel_subtree(above);
        run.resume();
        let report = run.wait().await.or_else(Error::into_report).unwrap();
        assert_eq!(report.state(first), Some(NodeState::Succeeded));
        report
    });
    let last = report.named::<limited>("last").unwrap();
    assert_eq!(report.state(last), Some(NodeState::Succeeded), "{report}");
}

#[test]
fn every_share_is_released_whichever_node_is_cancelled_during_a_handover() {
    // A pool of three: one end hands over to several nodes, some of them in the cancelled stage.
    let report = on_one_thread(|| async {
        let (begun, has_begun) = oneshot::channel();
        let (opener, gate) = channel();
        let mut flow = Workflow::new("shares").pool("shared", 3);
        flow.add(hold::new(Mutex::new(Some(begun)), Mutex::new(gate)).pool("shared", 3));
        let start = flow.add(go::new(Mutex::new(Some(has_begun))));
        for n in 0..12_u32 {
            flow.add(work::new().after(start).pool("shared", 1 + n % 3));
            flow.add(other::new().after(start).pool("shared", 1 + n % 2));
        }
        let run = flow.start().unwrap();
        until(&run, |progress| ready(progress, "work") == 12 && ready(progress, "other") == 12).await;
        tokio::task::yield_now().await;
        opener.send(()).unwrap();
        until_in_place(&run, |progress| progress.stage("hold").unwrap().nodes.succeeded == 1);
        run.cancel_stage::<work>();
        run.wait().await.or_else(Error::into_report).unwrap()
    });
    assert_eq!((report.count(NodeState::Succeeded), report.count(NodeState::Cancelled)), (14, 12), "{report}");
}
