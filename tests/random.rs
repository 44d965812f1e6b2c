//! Ten thousand random runs with rules, failures, attempts, timeouts, shares and cancellations, in virtual time,
//! compared with a small model of the expected results.

#[path = "random/flow.rs"]
mod flow;
#[path = "random/spec.rs"]
mod spec;
#[path = "random/world.rs"]
mod world;

use dagcore::dag::{Multiplicity, Possible};
use dagcore::prelude::*;
use dagcore::{Error, Progress};
use flow::{act, last, plain, side, tell};
use spec::{End, How, Program, Spec};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tests::dice::Dice;
use tests::failures::by_kind;
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep_until, timeout};
use world::World;

fn ends(report: &Report) -> BTreeMap<usize, End> {
    let nodes = report.nodes::<act>().chain(report.nodes::<side>()).chain(report.nodes::<plain>());
    let nodes = nodes.map(|node| {
        let end = End { state: report.state(node).unwrap(), retried: report.failed_attempts(node).len() };
        (report.node_name(node).parse().unwrap(), end)
    });
    nodes.collect()
}

/// Properties of every run.
fn sound(report: &Report, world: &World) {
    report.check_order().unwrap_or_else(|error| panic!("{error}"));
    assert!(report.graph().nodes().all(|node| report.graph().state(node).unwrap().is_settled()), "{report}");
    let ran = world.log.lock().unwrap();
    let once: HashSet<_> = ran.iter().collect();
    assert_eq!(once.len(), ran.len(), "an attempt ran twice");
    let begun: HashSet<(usize, u32)> = ran.iter().copied().collect();
    let started = |node: Node<Arc<Spec>>| {
        let all = report.failed_attempts(node).len() as u32 + u32::from(report.started(node).is_some());
        (report.node_name(node).parse().unwrap(), all)
    };
    let nodes = report.nodes::<act>().chain(report.nodes::<side>()).chain(report.nodes::<plain>());
    let started: HashMap<usize, u32> = nodes.map(started).collect();
    for (id, attempt) in begun {
        let all = started.get(&id).copied().unwrap_or(0);
        assert!(attempt <= all, "attempt {attempt} at `{id}` began, but the report has {all}: {report}");
    }
    let wrong = world.wrong.lock().unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(report.rule_failures().is_empty(), "{report}");
    // Timers of tokio are up to a millisecond late, at every attempt and every pause.
    let longest = 2 * world.program.longest();
    assert!(report.duration() <= longest, "{:?} for {longest:?}", report.duration());
}

/// Closed stages and gathered lists are complete.
fn complete(report: &Report, world: &World) {
    assert_eq!(*report.only::<last>().unwrap(), report.nodes::<side>().count(), "{report}");
    let tell = report.named::<tell>("tell").unwrap();
    assert_eq!(report.state(tell), Some(NodeState::Succeeded), "{report}");
    let list = world.list.lock().unwrap().unwrap();
    if report.state(list) != Some(NodeState::Cancelled) {
        let ends = ends(report);
        let succeeded = |spec: &&Arc<Spec>| ends.get(&spec.id).is_some_and(|end| end.state == NodeState::Succeeded);
        let mapped = &world.program.mapped;
        let expected = (mapped.iter().filter(succeeded).count(), mapped.len());
        assert_eq!(*world.gathered.lock().unwrap(), Some(expected), "{report}");
    }
}

fn report(ended: Result<Report, Error>) -> Report {
    ended.or_else(Error::into_report).unwrap()
}

/// The number of failures after which no further seed is run.
const MOST: usize = 100;

/// Runs a property for all seeds of a test, which are one in `part`, or for the seed in `DAGCORE_SEED`.
fn for_seeds(part: u64, property: impl Fn(u64)) {
    quietly();
    let number = |name| env::var(name).ok().and_then(|value| value.parse().ok());
    let seeds = match number("DAGCORE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("DAGCORE_RUNS").unwrap_or(10_000) / part,
    };
    let fails = |seed| {
        let failed = catch_unwind(AssertUnwindSafe(|| property(seed))).err()?;
        let message = failed.downcast_ref::<String>().cloned();
        Some(format!("seed {seed}: {}", message.unwrap_or_else(|| "a panic".to_owned())))
    };
    let failures: Vec<String> = seeds.filter_map(fails).take(MOST).collect();
    assert!(failures.is_empty(), "at least {} seeds fail\n{}", failures.len(), by_kind(&failures));
}

fn in_virtual_time<R>(run: impl Future<Output = R>) -> R {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(run)
}

/// Suppresses the output of intended panics.
fn quietly() {
    std::panic::set_hook(Box::new(|panic| {
        if panic.payload().downcast_ref() != Some(&"no") {
            eprintln!("{panic}");
        }
    }));
}

#[test]
fn every_node_ends_as_the_model_says() {
    for_seeds(1, |seed| {
        let world = World::new(Program::new(&mut Dice(seed)));
        let longest = 4 * world.program.longest();
        let ended = report(
            in_virtual_time(async { timeout(longest, world.flow().0.run()).await }).expect("the run ends in time"),
        );
        assert_eq!(ends(&ended), world.program.expected(&[]), "{ended}");
        sound(&ended, &world);
        complete(&ended, &world);
    });
}

#[test]
fn every_node_ends_as_the_model_says_in_any_order_of_what_happens() {
    for_seeds(4, |seed| {
        let world = World::new(Program::new(&mut Dice(seed)));
        let ended = report(dagcore::testing::seeded(world.flow().0, seed));
        assert_eq!(ends(&ended), world.program.expected(&[]), "{ended}");
        sound(&ended, &world);
        complete(&ended, &world);
    });
}

/// The numbers of nodes that were reported as totals, and must not change any more.
#[derive(Default)]
struct Totals {
    /// Totals in the progress.
    totals: HashMap<String, usize>,
    /// Totals in the possible graph, which uses less information about past events.
    possible: HashMap<String, usize>,
}

/// The number that was stated first for a stage, which is `now` if none was.
fn first_stated(known: &mut HashMap<String, usize>, stage: &str, now: Option<usize>) -> Option<usize> {
    if let Some(now) = now {
        known.entry(stage.to_owned()).or_insert(now);
    }
    known.get(stage).copied()
}

impl Totals {
    fn check(&mut self, progress: &Progress, possible: &Possible) {
        for stage in &progress.stages {
            let known = first_stated(&mut self.totals, stage.stage, stage.total);
            assert_eq!(stage.total, known, "the total of `{}` has changed", stage.stage);
        }
        for stage in possible.stages() {
            let most = match stage.multiplicity() {
                Multiplicity::Never => Some(0),
                Multiplicity::Exactly(nodes) => Some(nodes),
                _ => None,
            };
            let known = first_stated(&mut self.possible, stage.name(), most);
            assert_eq!(most, known, "the maximum of `{}` has changed", stage.name());
            let actual = stage.actual().unwrap().nodes;
            assert!(
                known.is_none_or(|known| actual <= known),
                "{actual} nodes of `{}` exceed the maximum: {possible}",
                stage.name()
            );
        }
    }
}

/// Runs a program and performs its actions. Returns the appended nodes.
async fn steered(world: &Arc<World>) -> (Report, Vec<Arc<Spec>>, Totals) {
    let (flow, nodes) = world.flow();
    let run = Arc::new(flow.start().unwrap());
    world.started(&run);
    let (begin, mut appended, mut totals) = (Instant::now(), Vec::new(), Totals::default());
    let at = |millis| begin + Duration::from_millis(millis);
    for (millis, how) in &world.program.steps {
        sleep_until(at(*millis)).await;
        totals.check(&run.progress(), &run.possible());
        match how {
            How::Append => match world.append(&run, &nodes) {
                Ok(specs) => appended = specs,
                Err(why) => check_refusal(&why),
            },
            how => world.steer(&run, *how),
        }
        totals.check(&run.progress(), &run.possible());
        if let How::Pause(more) = how {
            sleep_until(at(millis + more)).await;
            world.resume(&run);
        }
    }
    world.resume(&run);
    // A function of the program may still pause the run.
    let end = at(0) + 4 * world.program.longest();
    while timeout(Duration::from_millis(100), run.ended()).await.is_err() {
        world.resume(&run);
        assert!(Instant::now() < end, "the run hangs: {}", run.progress());
    }
    let run = Arc::into_inner(run).expect("no running function holds the run");
    (report(run.wait().await), appended, totals)
}

/// An append may be refused if the run is over, or if it leads to a closed stage.
fn check_refusal(why: &str) {
    let known = ["the run has ended", "the run is being cancelled", "closed"];
    assert!(known.iter().any(|known| why.contains(known)), "unexpected refusal: {why}");
}

#[test]
fn whatever_is_done_to_a_run_nothing_else_ends_otherwise() {
    for_seeds(2, |seed| {
        let world = World::new(Program::steered(&mut Dice(seed ^ 0xca9c_e1ed)));
        let (ended, appended, mut totals) = in_virtual_time(steered(&world));
        sound(&ended, &world);
        totals.check(&ended.progress(), &ended.possible());
        let Some(touched) = world.program.touched() else { return };
        complete(&ended, &world);
        let untouched = |ends: BTreeMap<usize, End>| -> BTreeMap<usize, End> {
            ends.into_iter().filter(|(id, _)| !touched.contains(id)).collect()
        };
        let expected = untouched(world.program.expected(&appended));
        assert_eq!(untouched(ends(&ended)), expected, "{:?}: {ended}", world.program.steps);
    });
}
