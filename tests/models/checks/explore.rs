//! Executing a scenario in all orders of its threads' steps.

use loom::model::Builder;
use loom::thread;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// The stacks of the model checker's threads are small by default.
const STACK: usize = 0x20000;

/// Executes `scenario` in all orders in which threads are preempted at most `interruptions` times, or the number of
/// times in the variable `DAGCORE_INTERRUPTIONS`. Returns the number of orders.
pub(super) fn explore(name: &str, interruptions: usize, scenario: impl Fn() + Send + Sync + 'static) -> usize {
    let mut builder = Builder::new();
    let said = std::env::var("DAGCORE_INTERRUPTIONS").ok().and_then(|number| number.parse().ok());
    builder.preemption_bound = Some(said.unwrap_or(interruptions));
    builder.max_threads = 5;
    builder.max_branches = 20_000;
    let (orders, scenario, begin) = (Arc::new(AtomicUsize::new(0)), Arc::new(scenario), Instant::now());
    let count = Arc::clone(&orders);
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        let scenario = Arc::clone(&scenario);
        spawn(move || scenario()).join().expect("a scenario reports its violations");
    });
    let orders = orders.load(Ordering::Relaxed);
    eprintln!("{name}: {orders} orders in {:.1?}", begin.elapsed());
    orders
}

/// Executes `scenario` until one of its checks fails, and returns the message of that check.
pub(super) fn find_fault(
    name: &str,
    interruptions: usize,
    scenario: impl Fn() + Send + Sync + 'static,
) -> Option<String> {
    let explored = catch_unwind(AssertUnwindSafe(|| explore(name, interruptions, scenario)));
    let payload = explored.err()?;
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).or(Some(String::new()))
}

/// Starts a thread of the model.
pub(super) fn spawn(run: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::Builder::new().stack_size(STACK).spawn(run).expect("a model has few threads")
}
