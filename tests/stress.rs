//! Runs of random programs on three threads, controlled at random moments, with checks of all invariants.
//!
//! `DAGCORE_STRESS=60000 cargo test --release -p tests --test stress` is the long mode. `DAGCORE_SEED=17` runs the
//! program of one seed only, `DAGCORE_STRESS` times or once. The behaviour also depends on real time, so a failing seed
//! may need several runs to fail again.

#[path = "stress/checks.rs"]
mod checks;
#[macro_use]
#[path = "stress/program.rs"]
mod program;
#[path = "stress/spec.rs"]
mod spec;
#[path = "stress/stages.rs"]
mod stages;
#[path = "stress/steering.rs"]
mod steering;
#[path = "stress/world.rs"]
mod world;

use spec::Program;
use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use steering::Steered;
use tests::failures::by_kind;
use tokio::runtime::{Builder, Runtime};
use world::{FOUND, World};

/// The maximum real time of a run.
const WATCHDOG: Duration = Duration::from_secs(20);
/// The number of concurrent runs.
const AT_ONCE: usize = 2;
/// The number of violations after which no further run is started.
const MOST: usize = 200;

/// The current activity of one of the runners.
#[derive(Clone)]
struct Doing {
    seed: u64,
    what: String,
    since: Instant,
}

type Slot = Arc<Mutex<Doing>>;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().and_then(|value| value.parse().ok())
}

/// The seeds, in the order in which they are run.
fn seeds() -> Vec<u64> {
    match (number("DAGCORE_SEED"), number("DAGCORE_STRESS")) {
        (Some(seed), runs) => vec![seed; runs.unwrap_or(1) as usize],
        (None, runs) => (0..runs.unwrap_or(500)).collect(),
    }
}

/// Suppresses the output of intended panics; all others are violations, because the runtime would swallow them.
fn note_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if panic.payload().downcast_ref() != Some(&"no") {
            FOUND.lock().unwrap().push(format!("a panic: {panic}"));
        }
    }));
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap()
}

fn run(seed: u64, runtime: &Runtime, slot: &Slot) {
    let world = World::new(Program::new(seed));
    let (flow, nodes) = world.flow();
    let doing = |what: &str| *slot.lock().unwrap() = Doing { seed, what: what.to_owned(), since: Instant::now() };
    let Some((report, steered)) = Steered::run(flow, nodes, &world, runtime, &doing) else { return };
    doing("checks");
    checks::check(&report, &steered, &world);
}

#[test]
fn whatever_is_steered_at_whatever_moment_runs_end_and_keep_what_is_promised() {
    note_panics();
    let seeds = Arc::new(seeds());
    let next = Arc::new(AtomicU64::new(0));
    let idle = Doing { seed: 0, what: "nothing".to_owned(), since: Instant::now() };
    let slots: Vec<Slot> = (0..AT_ONCE).map(|_| Arc::new(Mutex::new(idle.clone()))).collect();
    let runners: Vec<_> = slots
        .iter()
        .map(|slot| {
            let (seeds, next, slot) = (Arc::clone(&seeds), Arc::clone(&next), Arc::clone(slot));
            thread::spawn(move || {
                let runtime = runtime();
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    if FOUND.lock().unwrap().len() >= MOST {
                        break;
                    }
                    run(*seed, &runtime, &slot);
                    slot.lock().unwrap().since = Instant::now();
                }
                runtime.shutdown_timeout(WATCHDOG);
            })
        })
        .collect();
    while runners.iter().any(|runner| !runner.is_finished()) {
        thread::park_timeout(Duration::from_millis(5));
        for slot in &slots {
            let doing = slot.lock().unwrap().clone();
            // The runner reports a hanging run; this reports a hanging call.
            if doing.since.elapsed() > WATCHDOG + WATCHDOG / 2 {
                fail(Some(format!("seed {}: stuck in: {}", doing.seed, doing.what)));
            }
        }
    }
    fail(None);
}

/// Fails if there are violations, with the first of each kind.
fn fail(stuck: Option<String>) {
    let mut found: Vec<String> = FOUND.lock().unwrap().clone();
    found.extend(stuck);
    drop(std::panic::take_hook()); // this panic must be visible
    assert!(
        found.is_empty(),
        "{} violations; with DAGCORE_SEED=n only the program of seed n is run\n{}",
        found.len(),
        by_kind(&found)
    );
}
