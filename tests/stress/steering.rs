//! One run: started, controlled at random moments, and awaited.

use super::WATCHDOG;
use super::program::{Ends, options};
use super::spec::{Append, Kind, Spec};
use super::stages::{Output, blocking, group, grows, inline, keyed, merge, plain, spin, waits};
use super::world::World;
use dagcore::prelude::*;
use dagcore::{AnyNode, Error, NodeExplanation, Progress, Run};
use futures::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::{Duration, Instant};
use tests::dice::Dice;
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// The scope in which nothing may begin after a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    Run,
    Stage(Kind),
    Node(AnyNode),
    Subtree(AnyNode),
    Paused,
    /// The report was returned, or the run was dropped.
    Over,
}

/// An interval in the order of records in which nothing in this scope begins.
#[derive(Clone, Debug)]
pub(crate) struct Barrier {
    pub(crate) what: What,
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// The time of the run when the barrier began, or later.
    pub(crate) at: Duration,
}

/// The actions on a run, and its observed state.
#[derive(Default)]
pub(crate) struct Steered {
    pub(crate) barriers: Vec<Barrier>,
    /// The totals of stages that were known.
    pub(crate) totals: HashMap<&'static str, usize>,
    /// The names of nodes whose append was accepted, and of those whose append was refused.
    pub(crate) accepted: Vec<usize>,
    pub(crate) refused: Vec<(usize, String)>,
}

/// Performs the actions on a run.
struct Driver<'a> {
    run: &'a Run,
    world: &'a Arc<World>,
    nodes: &'a [Node<Output>],
    begin: Instant,
    dice: Dice,
    steered: Steered,
    doing: &'a (dyn Fn(&str) + Sync),
    paused: Option<Barrier>,
}

impl Driver<'_> {
    /// Performs an action after which nothing in this scope begins.
    fn bar(&mut self, what: What, act: impl FnOnce(&Run)) {
        (self.doing)(&format!("{what:?}"));
        // A handle that a body has created is not valid before the additions of the body are applied.
        let is_there = match what {
            What::Node(node) | What::Subtree(node) => !matches!(self.run.explain(node), NodeExplanation::Absent { .. }),
            _ => true,
        };
        act(self.run);
        if !is_there {
            return;
        }
        let barrier = self.barrier(what);
        match what {
            What::Paused => self.paused = Some(barrier),
            _ => self.steered.barriers.push(barrier),
        }
    }

    fn barrier(&self, what: What) -> Barrier {
        Barrier { what, from: self.world.place(), to: u64::MAX, at: self.begin.elapsed() }
    }

    fn resume(&mut self) {
        (self.doing)("resume");
        if let Some(mut paused) = self.paused.take() {
            paused.to = self.world.place();
            self.steered.barriers.push(paused);
        }
        self.run.resume();
    }

    fn any(&mut self) -> Option<AnyNode> {
        let handles = self.world.handles.lock().unwrap();
        let at = self.dice.below(handles.len().max(1) as u64) as usize;
        handles.get(at).copied()
    }

    fn steer(&mut self, is_first: bool) {
        let most = if self.dice.one_in(3) { 1 } else { 12 };
        let mut appends = self.world.program.appends.iter().filter(|_| is_first);
        for _ in 0..self.dice.below(most) {
            let micros = self.dice.below(200);
            spin(if self.dice.one_in(3) { 0 } else { micros });
            match self.dice.below(40) {
                0 => self.bar(What::Run, Run::cancel),
                1..=4 => self.cancel_stage(),
                5..=7 => {
                    if let Some(node) = self.any() {
                        self.bar(What::Node(node), |run| run.cancel_node(node));
                    }
                }
                8..=11 => {
                    if let Some(node) = self.any() {
                        self.bar(What::Subtree(node), |run| run.cancel_subtree(node));
                    }
                }
                12..=16 if is_first && self.paused.is_none() => self.bar(What::Paused, Run::pause),
                12..=18 if is_first => self.resume(),
                19..=23 => appends.next().into_iter().for_each(|append| self.append(append)),
                24..=27 => {
                    (self.doing)("explain");
                    if let Some(node) = self.any() {
                        let _ = self.run.explain(node).to_string();
                    }
                }
                28 => drop(self.run.possible()),
                29..=33 if self.world.program.stepwise => self.choose(),
                _ => self.look(),
            }
        }
    }

    fn cancel_stage(&mut self) {
        let kind = self.dice.one_of(&Kind::ALL);
        self.bar(What::Stage(kind), |run| match kind {
            Kind::Waits => run.cancel_stage::<waits>(),
            Kind::Plain => run.cancel_stage::<plain>(),
            Kind::Blocking => run.cancel_stage::<blocking>(),
            Kind::Inline => run.cancel_stage::<inline>(),
            Kind::Grows => run.cancel_stage::<grows>(),
            Kind::Group => run.cancel_stage::<group>(),
            Kind::Keyed => run.cancel_stage::<keyed>(),
            Kind::Merge => run.cancel_stage::<merge>(),
        });
    }

    fn append(&mut self, Append { nodes, rule }: &Append) {
        (self.doing)("append");
        let (world, own) = (self.world, self.nodes);
        let appended = self.run.append(|grow| {
            for spec in nodes {
                add_to!(grow, spec, world, own);
            }
            if let Some((node, spec)) = rule {
                let (node, spec, world) = (own[*node], Arc::clone(spec), Arc::clone(world));
                grow.rule(rule! {
                    when settled(node), adds [waits, plain, blocking, inline, grows, group],
                    then |grow, _outcome| { add_to!(grow, &spec, &world, &[]); }
                });
            }
        });
        let ids = nodes.iter().map(|spec| spec.id);
        match appended {
            Ok(()) => self.steered.accepted.extend(ids),
            Err(error) => self.steered.refused.extend(ids.map(|id| (id, error.to_string()))),
        }
    }

    fn choose(&mut self) {
        (self.doing)("choose");
        let choices = self.run.choices();
        if !choices.is_empty() {
            let choice = &choices[self.dice.below(choices.len() as u64) as usize];
            self.world.lets(choice);
            self.run.choose(choice);
        }
    }

    /// Queries the progress: a total that was known does not change.
    fn look(&mut self) {
        (self.doing)("progress");
        self.steered.check_totals(&self.run.progress(), self.world);
    }
}

impl Steered {
    pub(crate) fn check_totals(&mut self, progress: &Progress, world: &World) {
        if !(0.0..=1.0).contains(&progress.fraction()) {
            world.violation(format_args!("a fraction of {} has ended", progress.fraction()));
        }
        for stage in &progress.stages {
            let Some(total) = stage.total else {
                if let Some(known) = self.totals.get(stage.stage) {
                    let known = known.to_owned();
                    world.violation(format_args!("the total of `{}` was {known}, and is now unknown", stage.stage));
                }
                continue;
            };
            let known = *self.totals.entry(stage.stage).or_insert(total);
            if known != total {
                world.violation(format_args!("the total of `{}` was {known}, and is {total} now", stage.stage));
            }
        }
    }

    fn join(&mut self, other: Self) {
        self.barriers.extend(other.barriers);
        self.accepted.extend(other.accepted);
        self.refused.extend(other.refused);
    }

    /// Runs a workflow to its end. Returns no report if the run was given up or hangs.
    pub(crate) fn run(
        flow: Workflow,
        nodes: Vec<Node<Output>>,
        world: &Arc<World>,
        runtime: &Runtime,
        doing: &(dyn Fn(&str) + Sync),
    ) -> Option<(Report, Self)> {
        let mut dice = Dice(world.program.seed ^ 0x57ee_4ed0);
        let begin = Instant::now();
        doing("start");
        let run = {
            let _inside = runtime.enter();
            flow.start().unwrap_or_else(|error| panic!("seed {}: {error}", world.program.seed))
        };
        if dice.one_in(8) {
            let mut events = run.events();
            let most = if dice.one_in(2) { usize::MAX } else { dice.below(30) as usize };
            runtime.spawn(async move { events.by_ref().take(most).count().await });
        }
        let (has_second, gives_up) = (dice.one_in(4), dice.one_in(25));
        let driver = |seed| {
            let (dice, steered) = (Dice(seed), Self::default());
            Driver { run: &run, world, nodes: &nodes, begin, dice, steered, doing, paused: None }
        };
        let (first, second) = (dice.below(u64::MAX), dice.below(u64::MAX));
        let steered = thread::scope(|scope| {
            let other = has_second.then(|| {
                let mut driver = driver(second);
                scope.spawn(move || {
                    driver.steer(false);
                    driver.steered
                })
            });
            let mut driver = driver(first);
            driver.steer(true);
            if !gives_up {
                driver.resume();
            } else if let Some(paused) = driver.paused.take() {
                driver.steered.barriers.push(paused);
            }
            let mut steered = driver.steered;
            other.into_iter().for_each(|other| steered.join(other.join().unwrap()));
            steered
        });
        if gives_up {
            doing("drop");
            drop(run);
            let over = Barrier { what: What::Over, from: world.place(), to: u64::MAX, at: begin.elapsed() };
            wait_for_functions(world);
            super::checks::check_dropped(world, &over);
            return None;
        }
        Self::end(run, steered, world, runtime, begin, doing)
    }

    fn end(
        run: Run,
        mut steered: Self,
        world: &Arc<World>,
        runtime: &Runtime,
        begin: Instant,
        doing: &(dyn Fn(&str) + Sync),
    ) -> Option<(Report, Self)> {
        doing("wait");
        let ended = runtime.block_on(async {
            let end = async {
                if world.program.stepwise {
                    take_all_steps(&run, world).await;
                }
                run.ended().await;
            };
            timeout(WATCHDOG, end).await
        });
        if ended.is_err() {
            doing("explain all that hangs");
            let handles = world.handles.lock().unwrap().clone();
            let open = handles.into_iter().map(|node| run.explain(node)).filter(is_open);
            let open: Vec<String> = open.map(|explained| format!("  {explained}")).collect();
            let (running, progress) = (world.running.load(SeqCst), run.progress());
            world.violation(format_args!("the run hangs; {running} functions run; {progress}\n{}", open.join("\n")));
            std::mem::forget(run); // dropping it could hang as well
            return None;
        }
        doing("report");
        let report = runtime.block_on(run.wait()).or_else(Error::into_report).unwrap();
        steered.barriers.push(Barrier { what: What::Over, from: world.place(), to: u64::MAX, at: begin.elapsed() });
        super::checks::seal(&report, world);
        doing("functions that still run");
        wait_for_functions(world);
        Some((report, steered))
    }
}

/// Takes random steps until the run has ended.
async fn take_all_steps(run: &Run, world: &World) {
    let mut dice = Dice(world.program.seed);
    loop {
        let choices = run.next_choices().await;
        if choices.is_empty() {
            return;
        }
        let choice = &choices[dice.below(choices.len() as u64) as usize];
        world.lets(choice);
        if !run.choose(choice) {
            tokio::task::yield_now().await; // it can no longer be taken
        }
    }
}

fn is_open(explained: &NodeExplanation) -> bool {
    use NodeExplanation::{AwaitingRetry, Ready, Running, Waiting};
    matches!(explained, Waiting { .. } | Ready { .. } | Running { .. } | AwaitingRetry { .. })
}

/// Waits until all functions have ended.
fn wait_for_functions(world: &World) {
    let begin = Instant::now();
    while world.running.load(SeqCst) > 0 {
        if begin.elapsed() > WATCHDOG {
            return world.violation("functions still run after the end of the run");
        }
        thread::yield_now();
    }
}
