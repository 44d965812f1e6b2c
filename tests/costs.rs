//! The cost of a step, cancellation, addition or explanation does not depend on the number of other nodes.
//!
//! Each test compares the time per item for a few items with the time for eight times as many. If each item were
//! visited for each other one, the time per item would be eight times as long; a test fails at four times, because many
//! items cause more cache misses.

#[path = "costs/growing.rs"]
mod growing;
#[path = "costs/steering.rs"]
mod steering;

use dagcore::prelude::*;
use dagcore::{Rate, Run};
use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

#[stage]
async fn plain(n: usize) -> usize {
    n
}

#[stage]
async fn endless(n: usize) -> usize {
    pending::<()>().await;
    n
}

#[stage]
async fn endless_list(n: usize) -> Vec<usize> {
    pending::<()>().await;
    vec![n]
}

#[stage]
async fn limited(n: usize) -> usize {
    pending::<()>().await;
    n
}

#[stage]
async fn slowed(n: usize) -> usize {
    n
}

#[stage]
async fn broken(n: usize) -> Result<usize, String> {
    Err(format!("no {n}"))
}

#[stage]
async fn site(below: usize) -> usize {
    below
}

#[stage]
async fn visited(n: usize) -> usize {
    n
}

rule! {
    look: when each(plain), adds [visited],
    then |_grow, _node, _n| {}
}

rule! {
    deeper: when each(site), adds [site] within 1_000_000,
    then |grow, _node, below| if *below > 0 { grow.add(site::new(below - 1)); }
}

rule! {
    visit: when each(site), adds [visited by key under site],
    then |grow, _node, below| { grow.add(visited::new(*below).key("here")); }
}

rule! {
    parts: when each(site), adds [endless],
    then |grow, _node, n| { grow.add(endless::new(*n)); }
}

rule! {
    sum_up: when settled(endless) under each(site), adds [visited],
    then |grow, _site, parts| { grow.add(visited::new(parts.len())); }
}

const MORE: usize = 8;
const TRIES: usize = 12;

/// Only one test measures at a time.
static MEASURES: Mutex<()> = Mutex::new(());

/// Fails if an item of `MORE * few` costs much more than one of `few`, in every attempt.
fn costs_the_same<F: Future<Output = Duration>>(few: usize, run: impl Fn(usize) -> F) {
    let took = |items: usize| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.unwrap().block_on(run(items))
    };
    let _turn = MEASURES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (mut of_few, mut of_many) = (Duration::MAX, Duration::MAX);
    for _ in 0..TRIES {
        of_few = of_few.min(took(few));
        of_many = of_many.min(took(MORE * few));
        if of_many < of_few * (4 * MORE) as u32 {
            return;
        }
    }
    panic!("{few} took {of_few:?}, and {MORE} times as many {of_many:?}");
}

fn plains(count: usize) -> Workflow {
    let mut flow = Workflow::new("plain");
    for n in 0..count {
        flow.add(plain::new(n));
    }
    flow
}

/// Starts a run, and waits until nothing is left to do at once.
async fn started(flow: Workflow) -> Run {
    let run = flow.start().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await; // the paused clock advances only when nothing is left to do
    run
}

async fn given_up(run: Run) {
    run.cancel();
    drop(run.wait().await);
}
