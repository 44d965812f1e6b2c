//! Ten thousand random runs with rules, failures, attempts, time-outs and cancels, in virtual time, held against a small
//! model of what must come of them.

use dagcore::prelude::*;
use dagcore::{AnyNode, Backoff, Error, Run};
use std::collections::{BTreeMap, HashSet};
use std::env;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::dice::Dice;
use tokio::runtime::Builder;

/// What an attempt does.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Act {
    Succeed,
    Fail,
    Panic,
    Hang,
}

/// A node of the program, or one that the rule adds for another.
#[derive(Debug)]
struct Spec {
    id: usize,
    millis: u64,
    /// What its attempts do, the last of them again and again.
    acts: Vec<Act>,
    retries: u32,
    timeout: Option<u64>,
    /// Nodes that must have succeeded, and nodes that must have ended: older ones of the program.
    after: Vec<usize>,
    gathers: Vec<usize>,
    /// What the rule adds for it when it succeeds.
    children: Vec<Arc<Spec>>,
}

fn spec(dice: &mut Dice, next: &mut usize, older: usize, depth: u32) -> Spec {
    let id = *next;
    *next += 1;
    let millis = dice.below(50);
    // Timers of tokio's are a millisecond off, so what is too long is so by more.
    let timeout = match dice.below(6) {
        0 | 1 => Some(millis + 4 + dice.below(20)),
        2 if millis > 5 => Some(1 + dice.below(millis - 5)),
        _ => None,
    };
    let act = |dice: &mut Dice| match dice.below(10) {
        0 | 1 => Act::Fail,
        2 => Act::Panic,
        3 if timeout.is_some() => Act::Hang,
        _ => Act::Succeed,
    };
    let acts = (0..1 + dice.below(3)).map(|_| act(dice)).collect();
    let (after, gathers) = if depth == 0 { (dice.some(older), dice.some(older)) } else { (Vec::new(), Vec::new()) };
    let retries = dice.below(3) as u32;
    let count = if depth < 3 && dice.one_in(3) { dice.below(3) } else { 0 };
    let children = (0..count).map(|_| Arc::new(spec(dice, next, 0, depth + 1))).collect();
    Spec { id, millis, acts, retries, timeout, after, gathers, children }
}

/// How a node must end, and how many attempts fail before.
#[derive(Clone, Copy, PartialEq, Debug)]
struct End {
    state: NodeState,
    retried: usize,
}

impl Spec {
    fn act(&self, attempt: u32) -> Act {
        self.acts[(attempt as usize - 1).min(self.acts.len() - 1)]
    }

    fn end(&self) -> End {
        for attempt in 1..=self.retries + 1 {
            let is_slow = self.timeout.is_some_and(|most| self.millis >= most);
            if self.act(attempt) == Act::Succeed && !is_slow {
                return End { state: NodeState::Succeeded, retried: attempt as usize - 1 };
            }
        }
        End { state: NodeState::Failed, retried: self.retries as usize }
    }

    /// How long all its attempts and pauses may take, with those of what it adds.
    fn longest(&self) -> u64 {
        let attempt = self.timeout.unwrap_or(self.millis).max(self.millis) + PAUSE;
        attempt * u64::from(self.retries + 1) + self.children.iter().map(|child| child.longest()).sum::<u64>()
    }
}

const PAUSE: u64 = 7;

/// What the model says of every node that there is.
fn expected(program: &[Arc<Spec>]) -> BTreeMap<usize, End> {
    fn below(spec: &Spec, ends: &mut BTreeMap<usize, End>) {
        ends.insert(spec.id, spec.end());
        if spec.end().state == NodeState::Succeeded {
            spec.children.iter().for_each(|child| below(child, ends));
        }
    }
    let mut ends: BTreeMap<usize, End> = BTreeMap::new();
    for spec in program {
        let lost = |parent: &usize| ends[&program[*parent].id].state != NodeState::Succeeded;
        if spec.after.iter().any(lost) {
            ends.insert(spec.id, End { state: NodeState::Skipped, retried: 0 });
        } else {
            below(spec, &mut ends);
        }
    }
    ends
}

type Log = Arc<Mutex<Vec<(usize, u32)>>>;

#[stage]
async fn act(
    spec: Arc<Spec>,
    log: Log,
    ends: Gathered<Arc<Spec>>,
    context: &StageContext,
) -> Result<Arc<Spec>, String> {
    log.lock().unwrap().push((spec.id, context.attempt()));
    assert_eq!(ends.len(), spec.gathers.len());
    tokio::time::sleep(Duration::from_millis(spec.millis)).await;
    match spec.act(context.attempt()) {
        Act::Succeed => Ok(spec),
        Act::Fail => Err("no".to_owned()),
        Act::Panic => panic!("no"),
        Act::Hang => std::future::pending().await,
    }
}

fn call(spec: &Arc<Spec>, log: &Log, ends: Vec<Node<Arc<Spec>>>) -> dagcore::Call<act> {
    let pause = Backoff::fixed(Duration::from_millis(PAUSE));
    let call = act::new(Arc::clone(spec), Arc::clone(log), ends).named(spec.id.to_string());
    let call = call.retries(spec.retries).backoff(pause);
    match spec.timeout {
        Some(millis) => call.timeout(Duration::from_millis(millis)),
        None => call,
    }
}

struct Program {
    specs: Vec<Arc<Spec>>,
    limit: usize,
}

impl Program {
    fn new(dice: &mut Dice) -> Self {
        let (count, mut next) = (1 + dice.below(12) as usize, 0);
        let specs = (0..count).map(|older| Arc::new(spec(dice, &mut next, older, 0))).collect();
        Self { specs, limit: 1 + dice.below(6) as usize }
    }

    fn flow(&self, log: &Log) -> (Workflow, Vec<Node<Arc<Spec>>>) {
        let mut flow = Workflow::new("random").concurrency(self.limit).grace(Duration::from_millis(20));
        let mut nodes: Vec<Node<Arc<Spec>>> = Vec::new();
        let own = Arc::clone(log);
        flow.rule(rule! {
            when each(act), adds [act] within 5,
            then |grow, node, spec| for child in &spec.children {
                let _ = node;
                grow.add(call(child, &own, Vec::new()));
            }
        });
        for spec in &self.specs {
            let ends = spec.gathers.iter().map(|parent| nodes[*parent]).collect();
            let call = spec.after.iter().fold(call(spec, log, ends), |call, parent| call.after(nodes[*parent]));
            nodes.push(flow.add(call));
        }
        (flow, nodes)
    }

    fn longest(&self) -> Duration {
        Duration::from_millis(self.specs.iter().map(|spec| spec.longest()).sum::<u64>() + 1)
    }
}

fn ends(report: &Report) -> BTreeMap<usize, End> {
    let nodes = report.nodes::<act>().map(|node| {
        let end = End { state: report.state(node).unwrap(), retried: report.failed_attempts(node).len() };
        (report.node_name(node).parse().unwrap(), end)
    });
    nodes.collect()
}

/// What is so of every run.
fn sound(report: &Report, log: &Log, program: &Program) {
    report.check_order().unwrap();
    assert!(report.graph().nodes().all(|node| report.graph().state(node).unwrap().is_settled()), "{report}");
    let ran = log.lock().unwrap();
    let once: HashSet<_> = ran.iter().collect();
    assert_eq!(once.len(), ran.len(), "an attempt ran twice");
    // A timer of tokio's is up to a millisecond late, at every attempt and every pause.
    assert!(report.duration() <= 2 * program.longest(), "{:?} for {:?}", report.duration(), program.longest());
}

fn report(ended: Result<Report, Error>) -> Report {
    ended.or_else(Error::into_report).unwrap()
}

fn runs() -> u64 {
    env::var("DAGCORE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(10_000)
}

fn in_virtual_time<R>(run: impl Future<Output = R>) -> R {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(run)
}

/// Panics that are meant are told nobody.
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
    for seed in 0..runs() {
        let program = Program::new(&mut Dice(seed));
        let log = Log::default();
        let ended = report(in_virtual_time(program.flow(&log).0.run()));
        assert_eq!(ends(&ended), expected(&program.specs), "seed {seed}: {ended}");
        sound(&ended, &log, &program);
    }
}

#[test]
fn every_node_ends_as_the_model_says_in_any_order_of_what_happens() {
    quietly();
    for seed in 0..runs() / 4 {
        let program = Program::new(&mut Dice(seed));
        let log = Log::default();
        let ended = report(dagcore::testing::seeded(program.flow(&log).0, seed));
        assert_eq!(ends(&ended), expected(&program.specs), "seed {seed}: {ended}");
        sound(&ended, &log, &program);
    }
}

#[test]
fn whatever_is_cancelled_nothing_else_ends_otherwise() {
    quietly();
    for seed in 0..runs() / 2 {
        let mut dice = Dice(seed ^ 0xca9c_e1ed);
        let program = Program::new(&mut dice);
        let log = Log::default();
        let (flow, nodes) = program.flow(&log);
        let at = Duration::from_millis(dice.below(120));
        let chosen = dice.below(nodes.len() as u64) as usize;
        let how = dice.below(4);
        let ended = report(in_virtual_time(async {
            let run = flow.start()?;
            tokio::select! {
                () = run.ended() => {}
                () = tokio::time::sleep(at) => cancel(&run, nodes[chosen], how),
            }
            run.wait().await
        }));
        sound(&ended, &log, &program);
        let (found, model) = (ends(&ended), expected(&program.specs));
        let touched = match how {
            0 | 1 => continue, // everything may
            _ => touched(&program, chosen),
        };
        let untouched = |ends: BTreeMap<usize, End>| -> BTreeMap<usize, End> {
            ends.into_iter().filter(|(id, _)| !touched.contains(id)).collect()
        };
        assert_eq!(untouched(found), untouched(model), "seed {seed}: {ended}");
    }
}

/// Cancels the run, a stage, a node, or a node with all that is below it.
fn cancel(run: &Run, node: impl Into<AnyNode>, how: u64) {
    match how {
        0 => run.cancel(),
        1 => run.cancel_stage::<act>(),
        2 => run.cancel_node(node),
        _ => run.cancel_below(node),
    }
}

/// The nodes that may end otherwise when one of the program's is cancelled: it, what needs its success, and what is below
/// those.
fn touched(program: &Program, chosen: usize) -> HashSet<usize> {
    fn with_children(spec: &Spec, touched: &mut HashSet<usize>) {
        touched.insert(spec.id);
        spec.children.iter().for_each(|child| with_children(child, touched));
    }
    let (mut touched, mut lost) = (HashSet::new(), HashSet::new());
    for (place, spec) in program.specs.iter().enumerate() {
        if place == chosen || spec.after.iter().any(|parent| lost.contains(parent)) {
            lost.insert(place);
            with_children(spec, &mut touched);
        }
    }
    touched
}
