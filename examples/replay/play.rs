//! Replays a recorded execution: every task sleeps for its recorded time, in virtual time.
//!
//! Tokio's timers have a resolution of one millisecond, and many tasks take less. Recorded times are therefore
//! converted to whole *ticks*, and one tick is one millisecond of virtual time, so every sleep starts and ends on a
//! millisecond and no sum is distorted. A tick is one microsecond if the total work then takes less than a hundred
//! years of virtual time, and otherwise the smallest sufficient power of ten. Tasks sleep until a deadline instead of
//! for a duration, in parts of at most a year, because timers are limited to about two years.

use crate::instance::Instance;
use dagcore::prelude::*;
use dagcore::{Error, StartOrder};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// The results, in recorded time.
pub(crate) struct Figures {
    pub(crate) tasks: usize,
    /// The sum of the times of all tasks.
    pub(crate) work: Duration,
    /// The longest chain of dependent tasks.
    pub(crate) critical_path: Duration,
    pub(crate) makespan: Duration,
    /// The fraction of the workers' time that was spent on work.
    pub(crate) utilisation: f64,
    /// Upper bound for every order that leaves no worker idle while a task is ready (Graham 1966).
    pub(crate) bound: Duration,
}

/// A recorded task.
#[stage]
async fn task(time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        sleep_until(end.min(Instant::now() + YEAR)).await;
    }
}

/// Replays an instance with `workers` workers.
pub(crate) fn play(instance: &Instance, workers: usize, order: StartOrder) -> Result<Figures, Error> {
    let work: u128 = instance.tasks.iter().map(|task| u128::from(task.micros)).sum();
    let mut tick = 1;
    while work / u128::from(tick) > 100 * YEAR.as_millis() {
        tick *= 10;
    }
    let ticks: Vec<u64> = instance.tasks.iter().map(|task| (task.micros + tick / 2) / tick).collect();
    let mut flow = Workflow::new("replay").concurrency(workers).start_order(order);
    let mut nodes: Vec<Node<()>> = Vec::new();
    for (recorded, ticks) in instance.tasks.iter().zip(&ticks) {
        let time = Duration::from_millis(*ticks);
        let call = task::new(time).named(&recorded.id).expected(time);
        let call = recorded.parents.iter().fold(call, |call, parent| call.after(nodes[*parent]));
        nodes.push(flow.add(call));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let report = runtime.block_on(flow.run())?;
    let graph = report.graph();
    let ended = graph.nodes().filter_map(|node| graph.ended(node)).max().unwrap_or_default();
    let recorded = |virtual_time| in_recorded_time(virtual_time, tick);
    let work = recorded(Duration::from_millis(ticks.iter().sum()));
    let critical_path = recorded(Duration::from_millis(longest(instance, &ticks)));
    let makespan = recorded(ended.since_start());
    let most = u32::try_from(workers).unwrap_or(u32::MAX);
    let busy = work.as_secs_f64() / (makespan.as_secs_f64() * workers as f64);
    Ok(Figures {
        tasks: nodes.len(),
        work,
        critical_path,
        makespan,
        utilisation: if busy.is_finite() { busy } else { 0.0 },
        bound: work / most + critical_path,
    })
}

fn in_recorded_time(virtual_time: Duration, tick: u64) -> Duration {
    let nanos = virtual_time.as_nanos() * u128::from(tick) / 1_000;
    let (seconds, nanos) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    Duration::new(u64::try_from(seconds).unwrap_or(u64::MAX), nanos as u32)
}

fn longest(instance: &Instance, ticks: &[u64]) -> u64 {
    let mut ends: Vec<u64> = Vec::new();
    for (task, ticks) in instance.tasks.iter().zip(ticks) {
        let start = task.parents.iter().map(|parent| ends[*parent]).max().unwrap_or(0);
        ends.push(start + ticks);
    }
    ends.into_iter().max().unwrap_or(0)
}
