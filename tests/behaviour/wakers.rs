//! Wakers that query the run they belong to, and wakers that panic.

use dagcore::prelude::*;
use dagcore::{Error, Run};
use futures::StreamExt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;
use tests::watchdog::within;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

const LIMIT: Duration = Duration::from_secs(10);

type Handle = Arc<OnceLock<Arc<Run>>>;

/// Queries the run on each wake, then wakes the waiting task.
struct Queries {
    run: Handle,
    woken: AtomicUsize,
    thread: Thread,
    task: Option<Waker>,
}

impl Queries {
    fn new(run: &Handle, task: Option<Waker>) -> Arc<Self> {
        Arc::new(Self { run: Arc::clone(run), woken: AtomicUsize::new(0), thread: thread::current(), task })
    }
}

impl Wake for Queries {
    fn wake(self: Arc<Self>) {
        let run = self.run.get().unwrap();
        assert!(run.progress().fraction() <= 1.0);
        self.woken.fetch_add(1, Ordering::SeqCst);
        self.thread.unpark();
        self.task.iter().for_each(Waker::wake_by_ref);
    }
}

/// Drives a future on this thread with a waker that queries the run. Returns its output, and the number of wakes.
fn driven<R>(run: &Handle, future: impl Future<Output = R>) -> (R, usize) {
    let queries = Queries::new(run, None);
    let waker = Waker::from(Arc::clone(&queries));
    let mut future = pin!(future);
    loop {
        let woken = queries.woken.load(Ordering::SeqCst);
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return (output, queries.woken.load(Ordering::SeqCst));
        }
        while queries.woken.load(Ordering::SeqCst) == woken {
            thread::park();
        }
    }
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a waker that panics");
    }
}

/// Polls a future once, with a waker that panics.
fn poll_with_panics<R>(future: std::pin::Pin<&mut impl Future<Output = R>>) {
    let waker = Waker::from(Arc::new(Panics));
    assert!(future.poll(&mut Context::from_waker(&waker)).is_pending());
}

#[stage]
async fn gated(gate: Arc<Semaphore>) {
    gate.acquire().await.unwrap().forget();
}

#[stage]
async fn next(_before: &()) {}

/// A run of two nodes, one after the other; the first waits for a permit.
fn started(runtime: &Runtime, change: fn(Workflow) -> Workflow) -> (Handle, Arc<Semaphore>) {
    let _inside = runtime.enter();
    let gate = Arc::new(Semaphore::new(0));
    let mut flow = change(Workflow::new("wakers"));
    let first = flow.add(gated::new(Arc::clone(&gate)));
    flow.add(next::new(first));
    let run = Handle::default();
    run.set(Arc::new(flow.start().unwrap())).unwrap();
    (run, gate)
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn open_later(gate: Arc<Semaphore>, ready: impl FnOnce() + Send + 'static) {
    thread::spawn(move || {
        ready();
        gate.add_permits(1);
    });
}

fn succeeded(run: &Handle) -> usize {
    run.get().unwrap().progress().nodes.succeeded
}

#[test]
fn a_waker_of_the_events_may_query_the_run() {
    within(LIMIT, || {
        let runtime = runtime();
        let (run, gate) = started(&runtime, |flow| flow);
        let mut events = run.get().unwrap().events();
        let follow = async {
            let mut opened = false;
            let mut seen = 0;
            loop {
                let next = poll_fn(|context| {
                    let polled = events.poll_next_unpin(context);
                    if polled.is_pending() && !std::mem::replace(&mut opened, true) {
                        gate.add_permits(1);
                    }
                    polled
                });
                match next.await {
                    Some(_) => seen += 1,
                    None => return seen,
                }
            }
        };
        let (seen, woken) = driven(&run, follow);
        assert!(seen >= 3 && woken > 0, "{seen} events, woken {woken} times");
        assert_eq!(succeeded(&run), 2);
    });
}

#[test]
fn a_waker_of_the_end_may_query_the_run() {
    within(LIMIT, || {
        let runtime = runtime();
        let (run, gate) = started(&runtime, |flow| flow);
        let polled = Arc::new(Semaphore::new(0));
        let own = Arc::clone(&polled);
        open_later(gate, move || {
            while own.available_permits() == 0 {
                thread::yield_now();
            }
        });
        let hand = Arc::clone(run.get().unwrap());
        let mut ended = Box::pin(async move { hand.ended().await });
        let wait = poll_fn(|context| {
            let ended = ended.as_mut().poll(context);
            polled.add_permits(1);
            ended
        });
        let ((), woken) = driven(&run, wait);
        assert!(succeeded(&run) == 2 && woken > 0, "woken {woken} times");
    });
}

#[test]
fn a_waker_of_the_next_choices_may_query_the_run() {
    within(LIMIT, || {
        let runtime = runtime();
        let (run, gate) = started(&runtime, Workflow::stepwise);
        let hand = Arc::clone(run.get().unwrap());
        runtime.block_on(hand.step()).unwrap();
        let mut choices = Box::pin(async { hand.next_choices().await });
        let mut opened = false;
        let wait = poll_fn(|context| {
            let polled = choices.as_mut().poll(context);
            if polled.is_pending() && !std::mem::replace(&mut opened, true) {
                gate.add_permits(1);
            }
            polled
        });
        let (choices, woken) = driven(&run, wait);
        assert_eq!((choices.len(), choices[0].to_string()), (1, "start node `next#1` of `next`".to_owned()));
        assert!(woken > 0);
    });
}

/// Waits until it is cancelled, with a waker that queries the run.
#[stage]
async fn cancellable(run: Handle, waiting: Arc<Semaphore>, context: &StageContext) -> &'static str {
    let mut cancelled = pin!(context.cancelled());
    poll_fn(|own| {
        let waker = Waker::from(Queries::new(&run, Some(own.waker().clone())));
        let polled = cancelled.as_mut().poll(&mut Context::from_waker(&waker));
        waiting.add_permits(1);
        polled
    })
    .await;
    "in order"
}

#[test]
fn a_waker_of_a_cancellation_may_query_the_run() {
    let report = within(LIMIT, || {
        let runtime = runtime();
        runtime.block_on(async {
            let (run, waiting) = (Handle::default(), Arc::new(Semaphore::new(0)));
            let mut flow = Workflow::new("cancelled").grace(Duration::from_secs(1_000));
            flow.add(cancellable::new(Arc::clone(&run), Arc::clone(&waiting)));
            let hand = Arc::new(flow.start().unwrap());
            run.set(Arc::clone(&hand)).unwrap();
            waiting.acquire().await.unwrap().forget();
            hand.cancel();
            hand.ended().await;
            hand.progress()
        })
    });
    assert_eq!((report.nodes.succeeded, report.nodes.cancelled), (1, 0));
}

/// Registers a waker that panics on cancellation, and waits for the cancellation with its own.
#[stage]
async fn panics_when_cancelled(waiting: Arc<Semaphore>, context: &StageContext) {
    let mut first = pin!(context.cancelled());
    poll_with_panics(first.as_mut());
    let mut second = pin!(context.cancelled());
    poll_fn(|own| {
        let polled = second.as_mut().poll(own);
        waiting.add_permits(1);
        polled
    })
    .await;
}

#[test]
fn a_waker_that_panics_blocks_neither_the_run_nor_other_wakers() {
    within(LIMIT, || {
        let runtime = runtime();
        let (run, gate) = started(&runtime, |flow| flow);
        let hand = run.get().unwrap();
        let mut events = hand.events();
        let mut event = pin!(events.next());
        poll_with_panics(event.as_mut());
        let mut ended = pin!(hand.ended());
        poll_with_panics(ended.as_mut());
        gate.add_permits(1);
        runtime.block_on(hand.ended());
        assert_eq!(succeeded(&run), 2);
    });
}

#[test]
fn a_waker_of_the_next_choices_that_panics_does_not_hold_up_the_run() {
    within(LIMIT, || {
        let runtime = runtime();
        let (run, gate) = started(&runtime, Workflow::stepwise);
        let hand = run.get().unwrap();
        runtime.block_on(hand.step()).unwrap();
        let mut choices = pin!(hand.next_choices());
        poll_with_panics(choices.as_mut());
        gate.add_permits(1);
        runtime.block_on(async { while hand.step().await.is_some() {} });
        assert_eq!(succeeded(&run), 2);
    });
}

#[test]
fn a_waker_of_a_cancellation_that_panics_does_not_unwind_into_the_caller() {
    let report = within(LIMIT, || {
        let runtime = runtime();
        runtime.block_on(async {
            let waiting = Arc::new(Semaphore::new(0));
            let mut flow = Workflow::new("cancelled").grace(Duration::from_secs(1_000));
            for _ in 0..2 {
                flow.add(panics_when_cancelled::new(Arc::clone(&waiting)));
            }
            let run = flow.start().unwrap();
            waiting.acquire_many(2).await.unwrap().forget();
            run.cancel();
            run.wait().await.or_else(Error::into_report).unwrap()
        })
    });
    assert_eq!(report.count(NodeState::Succeeded), 2, "{report}");
}

/// The payload of a panic that queries the run when it is dropped.
struct Payload(Handle, Arc<AtomicUsize>);

impl Drop for Payload {
    fn drop(&mut self) {
        let run = self.0.get().unwrap();
        assert!(run.progress().fraction() <= 1.0);
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_payload_of_a_panicking_predicate_may_query_the_run_when_it_is_dropped() {
    #[stage]
    async fn gated(gate: Arc<Semaphore>) {
        gate.acquire().await.unwrap().forget();
    }
    within(LIMIT, || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (run, gate) = (Handle::default(), Arc::new(Semaphore::new(0)));
            let mut flow = Workflow::new("payload");
            flow.add(gated::new(Arc::clone(&gate)));
            let (own, dropped) = (Arc::clone(&run), Arc::new(AtomicUsize::new(0)));
            let counts = Arc::clone(&dropped);
            flow.rule(rule! {
                when |view| {
                    if view.count_done::<gated>() > 0 {
                        std::panic::panic_any(Payload(Arc::clone(&own), Arc::clone(&counts)));
                    }
                    false
                },
                adds [],
                then |_grow| {}
            });
            assert!(run.set(Arc::new(flow.start().unwrap())).is_ok());
            gate.add_permits(1);
            run.get().unwrap().ended().await;
            assert_eq!((run.get().unwrap().progress().fraction(), dropped.load(Ordering::SeqCst)), (1.0, 1));
        });
    });
}
