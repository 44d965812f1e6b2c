//! No function starts after `cancel`, `cancel_stage`, `cancel_subtree` or `pause` has returned.

use dagcore::prelude::*;
use dagcore::{Error, Run};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tests::watchdog::within;
use tokio::runtime::Builder;

const LIMIT: Duration = Duration::from_secs(60);
/// Enough nodes for a worker to take several at once.
const NODES: usize = 8_000;

/// Records which functions have begun. One of them waits at the gate, in the middle of its worker's batch.
struct Probe {
    begun: Vec<AtomicBool>,
    count: AtomicUsize,
    wait_at: usize,
    here: Mutex<Sender<()>>,
    gate: Mutex<Receiver<()>>,
}

impl Probe {
    fn begin(&self, n: usize) -> usize {
        assert!(!self.begun[n].swap(true, Ordering::SeqCst), "node {n} begins twice");
        if self.count.fetch_add(1, Ordering::SeqCst) + 1 == self.wait_at {
            self.here.lock().unwrap().send(()).unwrap();
            let _opened = self.gate.lock().unwrap().recv();
        }
        n
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

#[stage]
async fn short(n: usize, probe: Arc<Probe>) -> usize {
    probe.begin(n)
}

#[stage(inline)]
fn inline(n: usize, probe: Arc<Probe>) -> usize {
    probe.begin(n)
}

#[stage]
fn plain(n: usize, probe: Arc<Probe>) -> usize {
    probe.begin(n)
}

#[stage]
async fn group() -> usize {
    0
}

/// A kind of stage, with functions to add a node of it and to cancel all of its nodes at once.
#[derive(Clone, Copy)]
struct Kind {
    add: fn(&mut Workflow, usize, &Arc<Probe>) -> Node<usize>,
    cancel: fn(&Run),
}

const SHORT: Kind = Kind {
    add: |flow, n, probe| flow.add(short::new(n, Arc::clone(probe))),
    cancel: |run| run.cancel_stage::<short>(),
};
const INLINE: Kind = Kind {
    add: |flow, n, probe| flow.add(inline::new(n, Arc::clone(probe))),
    cancel: |run| run.cancel_stage::<inline>(),
};
const PLAIN: Kind = Kind {
    add: |flow, n, probe| flow.add(plain::new(n, Arc::clone(probe))),
    cancel: |run| run.cancel_stage::<plain>(),
};

/// A run with one function that waits at the gate.
struct Halted {
    run: Arc<Run>,
    nodes: Vec<Node<usize>>,
    probe: Arc<Probe>,
    open: Sender<()>,
    report: Receiver<Report>,
    /// Ends when all threads of the runtime have ended.
    thread: JoinHandle<()>,
}

impl Halted {
    /// Starts a run of these nodes on a runtime of one thread, and waits until a function waits at the gate.
    fn new(kind: Kind, wait_at: usize, fill: fn(&mut Workflow, Kind, &Arc<Probe>) -> Vec<Node<usize>>) -> Self {
        let ((here, is_here), (open, gate)) = (channel(), channel());
        let begun = (0..NODES).map(|_| AtomicBool::new(false)).collect();
        let (here, gate) = (Mutex::new(here), Mutex::new(gate));
        let probe = Arc::new(Probe { begun, count: AtomicUsize::new(0), wait_at, here, gate });
        let ((hand, handed), (ended, report)) = (channel(), channel());
        let own = Arc::clone(&probe);
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let mut shared = runtime.block_on(async {
                let mut flow = Workflow::new("halted").grace(Duration::ZERO);
                let nodes = fill(&mut flow, kind, &own);
                let run = Arc::new(flow.start().unwrap());
                hand.send((Arc::clone(&run), nodes)).unwrap();
                run.ended().await;
                run
            });
            let run = loop {
                match Arc::try_unwrap(shared) {
                    Ok(run) => break run,
                    Err(run) => shared = run, // the test still controls it
                }
                thread::yield_now();
            };
            ended.send(runtime.block_on(run.wait()).or_else(Error::into_report).unwrap()).unwrap();
        });
        is_here.recv().unwrap();
        let (run, nodes) = handed.recv().unwrap();
        Self { run, nodes, probe, open, report, thread }
    }

    fn of_many(kind: Kind, wait_at: usize) -> Self {
        Self::new(kind, wait_at, |flow, kind, probe| (0..NODES).map(|n| (kind.add)(flow, n, probe)).collect())
    }

    /// Opens the gate, and returns the report once all threads have ended.
    fn finish(self) -> Report {
        self.open.send(()).unwrap();
        drop(self.run);
        let report = self.report.recv().unwrap();
        self.thread.join().unwrap();
        report
    }

    /// Returns the report once all threads have ended; one of them is released only after the report is returned.
    fn finish_late(self) -> Report {
        drop(self.run);
        let report = self.report.recv().unwrap();
        self.open.send(()).unwrap();
        self.thread.join().unwrap();
        report
    }
}

/// Fails if a function has begun whose node has no start in the report.
fn check_starts(report: &Report, nodes: &[Node<usize>], probe: &Probe) {
    let is_unreported = |n: &usize| probe.begun[*n].load(Ordering::SeqCst) && report.started(nodes[*n]).is_none();
    let unreported: Vec<usize> = (0..nodes.len()).filter(is_unreported).collect();
    if let Some(first) = unreported.first() {
        let explained = report.explain(nodes[*first]);
        panic!("{} functions began whose nodes never started; the first: {explained}", unreported.len());
    }
}

/// Places in the order of functions at which one waits; some are in the middle of a worker's batch.
fn places() -> impl Iterator<Item = usize> {
    (0..6).map(|n| NODES / 4 + 7 * n)
}

/// Cancels while the only async worker runs a function that waits: nothing begins after that.
fn cancel_of_one_worker(kind: Kind, cancel: fn(&Halted, Kind)) {
    within(LIMIT, move || {
        for wait_at in places() {
            let halted = Halted::of_many(kind, wait_at);
            cancel(&halted, kind);
            let (nodes, probe, begun) = (halted.nodes.clone(), Arc::clone(&halted.probe), halted.probe.count());
            let report = halted.finish();
            assert_eq!(probe.count() - begun, 0, "functions began after it was cancelled, at {wait_at}");
            check_starts(&report, &nodes, &probe);
        }
    });
}

/// Cancels while a function on one of several threads waits: no function begins whose node has no start.
fn cancel_of_threads(cancel: fn(&Halted, Kind), finish: fn(Halted) -> Report) {
    within(LIMIT, move || {
        for wait_at in places() {
            let halted = Halted::of_many(PLAIN, wait_at);
            cancel(&halted, PLAIN);
            let (nodes, probe) = (halted.nodes.clone(), Arc::clone(&halted.probe));
            check_starts(&finish(halted), &nodes, &probe);
        }
    });
}

fn cancel_run(halted: &Halted, _: Kind) {
    halted.run.cancel();
}

fn cancel_stage(halted: &Halted, kind: Kind) {
    (kind.cancel)(&halted.run);
}

fn cancel_nodes(halted: &Halted, _: Kind) {
    halted.nodes.iter().for_each(|node| halted.run.cancel_node(*node));
}

#[test]
fn no_function_begins_after_the_run_was_cancelled() {
    cancel_of_one_worker(SHORT, cancel_run);
    cancel_of_one_worker(INLINE, cancel_run);
    cancel_of_threads(cancel_run, Halted::finish);
}

#[test]
fn no_function_of_a_stage_begins_after_the_stage_was_cancelled() {
    cancel_of_one_worker(SHORT, cancel_stage);
    cancel_of_one_worker(INLINE, cancel_stage);
    cancel_of_threads(cancel_stage, Halted::finish);
}

#[test]
fn no_function_of_a_node_begins_after_the_node_was_cancelled() {
    cancel_of_one_worker(SHORT, cancel_nodes);
    cancel_of_one_worker(INLINE, cancel_nodes);
    cancel_of_threads(cancel_nodes, Halted::finish);
}

#[test]
fn no_function_begins_after_the_report_was_returned() {
    cancel_of_threads(cancel_run, Halted::finish_late);
    cancel_of_threads(cancel_stage, Halted::finish_late);
}

#[test]
fn no_function_below_a_node_begins_after_its_subtree_was_cancelled() {
    within(LIMIT, || {
        for wait_at in places() {
            let halted = Halted::new(SHORT, wait_at, |flow, _, probe| {
                let above = flow.add(group::new());
                let own = Arc::clone(probe);
                flow.rule(rule! {
                    when done(above), adds [short],
                    then |grow, _above| for n in 0..NODES { grow.add(short::new(n, Arc::clone(&own))); }
                });
                vec![above]
            });
            halted.run.cancel_subtree(halted.nodes[0]);
            let (probe, begun) = (Arc::clone(&halted.probe), halted.probe.count());
            let report = halted.finish();
            assert_eq!(probe.count() - begun, 0, "functions began after it was cancelled, at {wait_at}");
            check_starts(&report, &report.nodes::<short>().collect::<Vec<_>>(), &probe);
        }
    });
}

#[test]
fn no_function_begins_after_pause_has_returned() {
    within(LIMIT, || {
        for (wait_at, kind) in places().zip([SHORT, INLINE].into_iter().cycle()) {
            let halted = Halted::of_many(kind, wait_at);
            halted.run.pause();
            let begun = halted.probe.count();
            halted.open.send(()).unwrap();
            // Wait until the worker has reported the nodes that it ran.
            while halted.run.progress().nodes.succeeded < halted.probe.count() {
                thread::yield_now();
            }
            assert_eq!(halted.probe.count() - begun, 0, "functions began while the run was paused, at {wait_at}");
            halted.run.resume();
            let probe = Arc::clone(&halted.probe);
            drop(halted.run);
            assert_eq!(halted.report.recv().unwrap().count(NodeState::Succeeded), NODES);
            assert_eq!(probe.count(), NODES);
            halted.thread.join().unwrap();
        }
    });
}
