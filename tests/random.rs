//! Ten thousand random runs with rules, failures, attempts, time-outs, shares and cancels, in virtual time, held against a
//! small model of what must come of them.

#[path = "random/flow.rs"]
mod flow;
#[path = "random/spec.rs"]
mod spec;
#[path = "random/world.rs"]
mod world;

use dagcore::prelude::*;
use dagcore::{Error, Progress, Run};
use flow::{act, gather, last, plain, side};
use spec::{End, How, Program, Spec};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::env;
use std::sync::Arc;
use std::time::Duration;
use tests::dice::Dice;
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep_until};
use world::World;

fn ends(report: &Report) -> BTreeMap<usize, End> {
    let nodes = report.nodes::<act>().chain(report.nodes::<side>()).chain(report.nodes::<plain>());
    let nodes = nodes.map(|node| {
        let end = End { state: report.state(node).unwrap(), retried: report.failed_attempts(node).len() };
        (report.node_name(node).parse().unwrap(), end)
    });
    nodes.collect()
}

/// What is so of every run.
fn sound(report: &Report, world: &World, seed: u64) {
    report.check_order().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    assert!(
        report.graph().nodes().all(|node| report.graph().state(node).unwrap().is_settled()),
        "seed {seed}: {report}"
    );
    let ran = world.log.lock().unwrap();
    let once: HashSet<_> = ran.iter().collect();
    assert_eq!(once.len(), ran.len(), "seed {seed}: an attempt ran twice");
    let begun: HashSet<(usize, u32)> = ran.iter().copied().collect();
    let started = |node: Node<Arc<Spec>>| {
        let all = report.failed_attempts(node).len() as u32 + u32::from(report.started(node).is_some());
        (report.node_name(node).parse().unwrap(), all)
    };
    let nodes = report.nodes::<act>().chain(report.nodes::<side>()).chain(report.nodes::<plain>());
    let started: HashMap<usize, u32> = nodes.map(started).collect();
    for (id, attempt) in begun {
        let all = started.get(&id).copied().unwrap_or(0);
        assert!(attempt <= all, "seed {seed}: attempt {attempt} at `{id}` began, and the report has {all}: {report}");
    }
    let wrong = world.wrong.lock().unwrap();
    assert!(wrong.is_empty(), "seed {seed}: {wrong:?}");
    assert!(report.rule_failures().is_empty(), "seed {seed}: {report}");
    // A timer of tokio's is up to a millisecond late, at every attempt and every pause.
    let longest = 2 * world.program.longest();
    assert!(report.duration() <= longest, "seed {seed}: {:?} for {longest:?}", report.duration());
}

/// What closes and what is gathered is complete.
fn complete(report: &Report, world: &World, seed: u64) {
    assert_eq!(*report.only::<last>().unwrap(), report.nodes::<side>().count(), "seed {seed}: {report}");
    let gather = report.named::<gather>("gather").unwrap();
    assert_eq!(report.state(gather), Some(NodeState::Succeeded), "seed {seed}: {report}");
    let list = world.list.lock().unwrap().unwrap();
    if report.state(list) != Some(NodeState::Cancelled) {
        let ends = ends(report);
        let succeeded = |spec: &&Arc<Spec>| ends.get(&spec.id).is_some_and(|end| end.state == NodeState::Succeeded);
        let mapped = &world.program.mapped;
        let expected = (mapped.iter().filter(succeeded).count(), mapped.len());
        assert_eq!(*world.gathered.lock().unwrap(), Some(expected), "seed {seed}: {report}");
    }
}

fn report(ended: Result<Report, Error>) -> Report {
    ended.or_else(Error::into_report).unwrap()
}

/// The seeds of a test: one of so many, or the one that `DAGCORE_SEED` says.
fn seeds(part: u64) -> std::ops::Range<u64> {
    let number = |name| env::var(name).ok().and_then(|value| value.parse().ok());
    match number("DAGCORE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("DAGCORE_RUNS").unwrap_or(10_000) / part,
    }
}

fn in_virtual_time<R>(run: impl Future<Output = R>) -> R {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(run)
}

/// Panics that are meant are not printed.
fn quietly() {
    std::panic::set_hook(Box::new(|panic| {
        if panic.payload().downcast_ref() != Some(&"no") {
            eprintln!("{panic}");
        }
    }));
}

#[test]
fn every_node_ends_as_the_model_says() {
    quietly();
    for seed in seeds(1) {
        let world = World::new(Program::new(&mut Dice(seed)));
        let ended = report(in_virtual_time(world.flow().0.run()));
        assert_eq!(ends(&ended), world.program.expected(&[]), "seed {seed}: {ended}");
        sound(&ended, &world, seed);
        complete(&ended, &world, seed);
    }
}

#[test]
fn every_node_ends_as_the_model_says_in_any_order_of_what_happens() {
    quietly();
    for seed in seeds(4) {
        let world = World::new(Program::new(&mut Dice(seed)));
        let ended = report(dagcore::testing::seeded(world.flow().0, seed));
        assert_eq!(ends(&ended), world.program.expected(&[]), "seed {seed}: {ended}");
        sound(&ended, &world, seed);
        complete(&ended, &world, seed);
    }
}

/// The totals of stages that were known, which do not change any more.
#[derive(Default)]
struct Totals(HashMap<&'static str, usize>);

impl Totals {
    fn check(&mut self, progress: &Progress, seed: u64) {
        for stage in &progress.stages {
            let known = stage.total.map(|total| *self.0.entry(stage.stage).or_insert(total));
            let known = known.or(self.0.get(stage.stage).copied());
            assert_eq!(stage.total, known, "seed {seed}: the total of `{}` has changed", stage.stage);
        }
    }
}

/// Runs a program and does to it what is to be done. Returns what was appended.
async fn steered(world: &Arc<World>, seed: u64) -> (Report, Vec<Arc<Spec>>, Totals) {
    let (flow, nodes) = world.flow();
    let run = Arc::new(flow.start().unwrap());
    world.started(&run);
    let (begin, mut appended, mut totals) = (Instant::now(), Vec::new(), Totals::default());
    let at = |millis| begin + Duration::from_millis(millis);
    for (millis, how) in &world.program.steps {
        sleep_until(at(*millis)).await;
        totals.check(&run.progress(), seed);
        match how {
            How::Append => match world.append(&run, &nodes) {
                Ok(specs) => appended = specs,
                Err(why) => refused(&run, &why, seed),
            },
            how => world.steer(&run, *how),
        }
        totals.check(&run.progress(), seed);
        if let How::Pause(more) = how {
            sleep_until(at(millis + more)).await;
            world.resume(&run);
        }
    }
    world.resume(&run);
    // A function of the program may have paused it, or do so later.
    while tokio::time::timeout(Duration::from_millis(100), run.ended()).await.is_err() {
        world.resume(&run);
    }
    let run = Arc::into_inner(run).expect("no function runs that steers");
    (report(run.wait().await), appended, totals)
}

/// Something may be refused if the run is over, or if it leads to a stage that has closed.
fn refused(run: &Run, why: &str, seed: u64) {
    let has_closed = run.explain_rule("closed").is_empty();
    let known = ["the run has ended", "the run is being cancelled", "closed"];
    assert!(has_closed && known.iter().any(|known| why.contains(known)), "seed {seed}: {why}");
}

#[test]
fn whatever_is_done_to_a_run_nothing_else_ends_otherwise() {
    quietly();
    for seed in seeds(2) {
        let world = World::new(Program::steered(&mut Dice(seed ^ 0xca9c_e1ed)));
        let (ended, appended, mut totals) = in_virtual_time(steered(&world, seed));
        sound(&ended, &world, seed);
        totals.check(&ended.progress(), seed);
        let Some(touched) = world.program.touched() else { continue };
        complete(&ended, &world, seed);
        let untouched = |ends: BTreeMap<usize, End>| -> BTreeMap<usize, End> {
            ends.into_iter().filter(|(id, _)| !touched.contains(id)).collect()
        };
        let expected = untouched(world.program.expected(&appended));
        assert_eq!(untouched(ends(&ended)), expected, "seed {seed}, {:?}: {ended}", world.program.steps);
    }
}
