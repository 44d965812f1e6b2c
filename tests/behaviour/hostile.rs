//! Misbehaving programs do not stop a run.

use dagcore::Error;
use dagcore::prelude::*;
use std::error::Error as StdError;
use std::fmt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

#[stage]
fn plain(n: u64) -> u64 {
    n
}

#[stage]
async fn on_async(n: u64) -> u64 {
    n
}

/// Panics on drop with a payload that panics on drop as well.
struct Matryoshka;

impl Drop for Matryoshka {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::panic_any(Self);
        }
    }
}

#[test]
fn a_panic_with_a_value_that_panics_when_dropped_is_a_failure_like_any_other() {
    #[stage]
    fn on_compute() -> u64 {
        std::panic::panic_any(Matryoshka)
    }
    #[stage]
    async fn on_tasks() -> u64 {
        tokio::task::yield_now().await;
        std::panic::panic_any(Matryoshka)
    }
    let mut flow = Workflow::new("matryoshka");
    flow.add(on_compute::new());
    flow.add(on_tasks::new());
    let good = flow.add(plain::new(1));
    flow.rule(rule! { when done(good), adds [], then |_grow, _n| std::panic::panic_any(Matryoshka) });
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!((report.failures().count(), report.rule_failures().len()), (2, 1));
}

#[test]
fn inputs_outputs_and_captures_that_panic_when_dropped_do_not_stop_the_run() {
    #[stage]
    fn hold(_it: Arc<Matryoshka>) -> u64 {
        1
    }
    #[stage]
    fn fails() -> Result<u64, String> {
        Err("no".to_owned())
    }
    #[stage]
    fn gives() -> Matryoshka {
        Matryoshka
    }
    let mut flow = Workflow::new("bombs");
    let bad = flow.add(fails::new());
    flow.add(hold::new(Matryoshka).after(bad)); // never runs
    flow.add(gives::new());
    let starts = [1, 2].map(|n| flow.add(plain::new(n)));
    let captured = Matryoshka;
    flow.rule(rule! { when failed(starts[0]), adds [], then |_grow, _error| { let _ = &captured; } });
    for start in starts {
        flow.rule(rule! {
            when done(start), adds [hold],
            then |grow, _n| -> Result<(), String> {
                grow.add(hold::new(Matryoshka));
                Err("not taken in".to_owned())
            }
        });
    }
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!((report.len(), report.failures().count(), report.rule_failures().len()), (5, 1, 2));
}

#[test]
fn a_clone_that_panics_fails_the_node_that_needs_it() {
    struct BadClone;
    impl Clone for BadClone {
        fn clone(&self) -> Self {
            panic!("not to be copied")
        }
    }
    #[stage]
    fn bad_list() -> Vec<BadClone> {
        vec![BadClone]
    }
    #[stage]
    async fn gather(all: Gathered<BadClone>) -> usize {
        all.len()
    }
    #[stage]
    fn take(all: Vec<BadClone>) -> usize {
        all.len()
    }
    let mut flow = Workflow::new("clones");
    let list = flow.add(bad_list::new());
    let nodes = [flow.add(gather::new(list)), flow.add(take::new(list))];
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    for node in nodes {
        assert!(report.error(node).unwrap().to_string().ends_with("panicked: not to be copied"), "{report}");
    }
}

#[test]
fn the_source_chain_of_a_cyclic_error_is_bounded() {
    #[derive(Debug)]
    struct Circle;
    impl fmt::Display for Circle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("round")
        }
    }
    impl StdError for Circle {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(self)
        }
    }
    #[stage]
    fn turns() -> Result<u64, Circle> {
        Err(Circle)
    }
    let mut flow = Workflow::new("circle");
    flow.add(turns::new());
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.failures().next().unwrap().to_string(), "node `turns#0` failed: round");
}

/// Blocks its thread until it receives a message.
fn told(channel: &Mutex<Receiver<()>>) -> bool {
    channel.lock().unwrap().recv_timeout(Duration::from_secs(20)).is_ok()
}

#[stage]
fn tell(channel: &Mutex<Sender<()>>) -> bool {
    channel.lock().unwrap().send(()).is_ok()
}

#[test]
fn two_runs_do_not_wait_for_each_other_when_a_stage_waits_in_a_pool() {
    #[stage]
    fn waits_in_pool(channel: &Mutex<Receiver<()>>) -> bool {
        rayon::join(|| true, || told(channel)).1
    }
    let (sender, receiver) = channel();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut one = Workflow::new("one");
        let waits = one.add(waits_in_pool::new(Mutex::new(receiver)));
        let mut two = Workflow::new("two");
        two.add(tell::new(Mutex::new(sender)));
        let (one, two) = tokio::join!(one.run(), two.run());
        assert!(*one.unwrap().output(waits).unwrap() && two.is_ok());
    });
}

#[test]
fn a_long_plain_node_does_not_keep_short_ones_waiting_while_a_core_is_idle() {
    #[stage]
    fn long(channel: &Mutex<Receiver<()>>, began: &Notify) -> bool {
        began.notify_one();
        told(channel)
    }
    #[stage]
    async fn when_it_has_begun(began: &Notify) {
        began.notified().await;
    }
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return;
    }
    let mut flow = Workflow::new("mixed");
    let (sender, receiver) = channel();
    let began = Arc::new(Notify::new());
    let short: Vec<_> = (0..100).map(|n| flow.add(plain::new(n))).collect(); // these mark plain nodes as short
    let long = flow.add(long::new(Mutex::new(receiver), Arc::clone(&began)).after(short[99]));
    let begun = flow.add(when_it_has_begun::new(began));
    let next = flow.add(plain::new(1).after(begun));
    flow.add(tell::new(Mutex::new(sender)).after(next));
    let report = flow.run_blocking().unwrap();
    assert!(*report.output(long).unwrap(), "the short nodes must run while the long one runs");
}

#[test]
fn runs_inside_of_a_pool_and_inside_of_stages_end() {
    use rayon::prelude::*;
    #[stage]
    fn outer(n: u64) -> Result<u64, Error> {
        let mut flow = Workflow::new("inner");
        let node = flow.add(plain::new(n));
        let report = tokio::runtime::Handle::current().block_on(flow.run())?;
        Ok(*report.output(node)?)
    }
    let results: Vec<u64> = (0..8_u64)
        .into_par_iter()
        .map(|n| {
            let mut flow = Workflow::new("outer");
            let nodes: Vec<_> = (0..4).map(|m| flow.add(outer::new(n + m))).collect();
            let report = flow.run_blocking().unwrap();
            nodes.into_iter().map(|node| report.output(node).unwrap()).sum()
        })
        .collect();
    assert_eq!(results, (0..8).map(|n| 4 * n + 6).collect::<Vec<_>>());
}

#[test]
fn a_run_that_registers_rules_without_end_can_be_dropped() {
    fn again() -> Rule {
        rule! { when count(plain) >= 0, then |grow, _nodes| grow.rule(again()) }
    }
    for threads in [1, 2] {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(threads).enable_all().build().unwrap();
        let mut flow = Workflow::new("endless");
        flow.rule(again());
        let ended = runtime.block_on(async { tokio::time::timeout(Duration::from_millis(30), flow.run()).await });
        assert!(ended.is_err(), "the run must not end by itself");
    }
}

#[test]
fn dropping_a_run_at_once_drops_nodes_that_have_just_begun_to_wait() {
    struct Note(Arc<Notify>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    #[stage]
    async fn waits(dropped: Arc<Notify>) -> u64 {
        let _note = Note(dropped);
        let long = Instant::now() + Duration::from_millis(2); // longer than a worker keeps its thread
        while Instant::now() < long {}
        std::future::pending().await
    }
    let dropped = Arc::new(Notify::new());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut flow = Workflow::new("brief");
        flow.add(waits::new(Arc::clone(&dropped)));
        let mut run = Box::pin(flow.run());
        assert!(futures::poll!(&mut run).is_pending());
        drop(run);
        let dropped = tokio::time::timeout(Duration::from_secs(20), dropped.notified()).await;
        assert!(dropped.is_ok(), "the waiting future must be dropped");
    });
}

#[test]
fn a_key_that_was_declared_cannot_be_left_out_by_a_nested_rule_or_a_map() {
    #[stage]
    fn list() -> Vec<u64> {
        vec![1, 2]
    }
    let mut flow = Workflow::new("keys");
    let (start, numbers) = (flow.add(plain::new(1)), flow.add(list::new()));
    flow.rule(rule! {
        when done(start), adds [on_async by key, Rule],
        then |grow, _n| grow.rule(rule! { when done(start), adds [on_async], then |_grow, _n| {} })
    });
    flow.rule(rule! {
        when done(numbers), adds [on_async by key],
        then |grow, _list| { grow.map(numbers, on_async::new); }
    });
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    let said: Vec<_> = report.rule_failures().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().any(|text| text.contains("declares it without: write `on_async by key`")), "{said:?}");
    assert!(said.iter().any(|text| text.contains("maps over it")), "{said:?}");
}

#[test]
fn a_node_that_takes_unusually_long_does_not_keep_others_waiting_while_a_core_is_idle() {
    #[stage]
    fn mixed(channel: Option<Arc<Mutex<Receiver<()>>>>) -> bool {
        channel.is_none_or(|channel| told(&channel))
    }
    #[stage]
    fn side(channel: Option<Arc<Mutex<Sender<()>>>>) -> bool {
        channel.is_none_or(|channel| channel.lock().unwrap().send(()).is_ok())
    }
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return;
    }
    let (sender, receiver) = channel();
    let mut flow = Workflow::new("unusual");
    let mut last = flow.add(mixed::new(None));
    for _ in 0..400 {
        let next = flow.add(side::new(None).after(last));
        last = flow.add(mixed::new(None).after(next));
    }
    let long = flow.add(mixed::new(Some(Arc::new(Mutex::new(receiver)))).after(last));
    flow.add(side::new(Some(Arc::new(Mutex::new(sender)))).after(last));
    assert!(*flow.run_blocking().unwrap().output(long).unwrap(), "the short node must run while the long one runs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_continues_while_the_task_that_awaits_it_is_busy() {
    #[stage]
    async fn spin(before: u64) -> u64 {
        let until = Instant::now() + Duration::from_micros(20);
        while Instant::now() < until {}
        before + 1
    }
    #[stage]
    async fn tell(_last: &u64, channel: Arc<Mutex<Sender<()>>>) -> bool {
        channel.lock().unwrap().send(()).is_ok()
    }
    let (sender, receiver) = channel();
    let mut flow = Workflow::new("beside");
    let mut last = flow.add(spin::new(0_u64));
    for _ in 0..200 {
        last = flow.add(spin::new(last));
    }
    flow.add(tell::new(last, Arc::new(Mutex::new(sender))));
    let receiver = Mutex::new(receiver);
    let (report, heard) = tokio::join!(flow.run(), async { told(&receiver) });
    assert!(report.is_ok() && heard, "the chain must end while its task is blocked");
}
