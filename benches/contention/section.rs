//! The work under the lock, without the engine: the machine receives the events of a worker, outputs are stored, and
//! inputs are bound, in the order of the engine.

use crate::workload::{LAYER, Shape, parents};
use dagcore::dag::{Additions, Edge, Event, Machine, Need, NodeId, Outputs, Place, StageId, StageInfo, Time, Value};
use dagcore::port::Sources;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The time per node, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phases {
    /// To take the node, with its inputs bound.
    pub(super) take: f64,
    /// To bind the inputs, which is a part of taking.
    pub(super) bind: f64,
    /// To hand in the node.
    pub(super) hand_in: f64,
}

/// The shapes that can be run without rules.
pub(super) const SHAPES: [Shape; 4] = [Shape::Chain, Shape::Independent, Shape::FanOut, Shape::Layers];

/// A call whose inputs are the outputs of these nodes.
struct Reader {
    parents: Vec<NodeId>,
    found: [Option<Arc<i64>>; 3],
}

impl Reader {
    /// Binds the inputs, as a call in the engine does.
    #[inline(never)]
    fn bind(&mut self, sources: Sources<'_>) {
        for (parent, found) in self.parents.iter().zip(&mut self.found) {
            *found = sources.outputs.share(*parent);
        }
    }

    fn run(&self) -> Value {
        Arc::new(self.found.iter().flatten().map(|found| **found).sum::<i64>().max(1))
    }
}

/// The part of the locked state that concerns nodes.
struct Protected {
    machine: Machine,
    outputs: Outputs,
    jobs: Vec<Option<Box<Reader>>>,
    binds: bool,
}

/// The local state of a worker.
#[derive(Default)]
struct Hands {
    taken: Vec<(NodeId, Box<Reader>)>,
    finished: Vec<(NodeId, Value)>,
    unread: Vec<Value>,
}

impl Hands {
    fn run_taken(&mut self) {
        self.unread.clear();
        self.finished.extend(self.taken.drain(..).map(|(node, job)| (node, job.run())));
    }
}

impl Protected {
    fn new(shape: Shape, n: usize, binds: bool) -> Self {
        let stage = StageId::from_index(0);
        let mut machine = Machine::new(|_| StageInfo::new("step", Place::Async));
        let mut additions = Additions::default();
        let mut jobs = Vec::with_capacity(n);
        for place in 0..n {
            let parents = needed(shape, place);
            let edge = |from: &NodeId| Edge { from: *from, need: Need::Success };
            additions.node(stage, parents.iter().map(edge), None);
            jobs.push(Some(Box::new(Reader { parents, found: [const { None }; 3] })));
        }
        for event in [Event::Added { additions, at: Time::START }, Event::RunStarted { at: Time::START }] {
            machine.apply(&event).expect("the event is possible");
        }
        Self { machine, outputs: Outputs::default(), jobs, binds }
    }

    fn tell(&mut self, event: &Event, unread: &mut Vec<Value>) {
        self.machine.apply(event).expect("the event is possible");
        while let Some(node) = self.machine.next_unread() {
            unread.extend(self.outputs.take(node));
        }
    }

    fn hand_in(&mut self, Hands { finished, unread, .. }: &mut Hands) {
        let at = Time::START;
        for (node, value) in finished.drain(..) {
            self.tell(&Event::Started { node, at }, unread);
            self.outputs.set(node, value);
            self.tell(&Event::Succeeded { node, at }, unread);
        }
        while let Some(event) = self.machine.consequence(at) {
            self.tell(&event, unread);
        }
    }

    fn take(&mut self, most: usize, hands: &mut Hands) {
        while hands.taken.len() < most {
            let Some(node) = self.machine.peek_ready(Place::Async) else { return };
            let stage = self.machine.graph().stage(node);
            let _ = self.machine.take_ready(Place::Async);
            let Some((mut job, _)) = self.jobs[node.index()].take().zip(stage) else { return };
            if self.binds {
                let sources = Sources { graph: self.machine.graph(), outputs: &self.outputs };
                job.bind(sources);
            }
            hands.taken.push((node, job));
        }
    }
}

fn needed(shape: Shape, place: usize) -> Vec<NodeId> {
    let ids = |places: &[usize]| places.iter().map(|place| NodeId::from_index(*place)).collect();
    match shape {
        Shape::Chain if place > 0 => ids(&[place - 1]),
        Shape::FanOut if place > 0 => ids(&[0]),
        Shape::Layers if place >= LAYER => {
            let layer = place / LAYER;
            ids(&parents(layer, place % LAYER).map(|parent| (layer - 1) * LAYER + parent))
        }
        _ => Vec::new(),
    }
}

/// The minimum duration of each phase per node of `n`, over several runs with batches of `at_once`.
pub(super) fn measure(shape: Shape, n: usize, at_once: usize) -> Phases {
    let best = |binds| {
        let runs: Vec<_> = (0..9).map(|_| once(Protected::new(shape, n, binds), at_once)).collect();
        [0, 1].map(|phase| runs.iter().map(|run| run[phase]).min().unwrap_or_default())
    };
    let ([hand_in, take], [_, unbound]) = (best(true), best(false));
    // Each phase includes one clock read per turn.
    let looks = n.div_ceil(at_once) as f64 * clock();
    let per_node = |time: Duration| ((time.as_nanos() as f64 - looks) / n as f64).max(0.0);
    let (hand_in, take, unbound) = (per_node(hand_in), per_node(take), per_node(unbound));
    Phases { take, bind: (take - unbound).max(0.0), hand_in }
}

/// The total durations of handing in and taking.
fn once(mut protected: Protected, at_once: usize) -> [Duration; 2] {
    let mut hands = Hands::default();
    let mut phases = [Duration::ZERO; 2];
    loop {
        let begun = Instant::now();
        protected.hand_in(&mut hands);
        let handed_in = Instant::now();
        protected.take(at_once, &mut hands);
        phases[0] += handed_in - begun;
        phases[1] += handed_in.elapsed();
        if hands.taken.is_empty() {
            return phases;
        }
        hands.run_taken();
    }
}

/// Returns the duration of a clock read, in nanoseconds.
fn clock() -> f64 {
    let looks = |_| {
        let start = Instant::now();
        (0..1_000).for_each(|_| {
            std::hint::black_box(Instant::now());
        });
        start.elapsed()
    };
    (0..50).map(looks).min().unwrap_or_default().as_nanos() as f64 / 1_000.0
}

/// The additional time of a turn, in nanoseconds, when two cores take turns instead of one taking all of them: the lock
/// and the data that it protects are in the other core's cache each time.
pub(super) fn handover(shape: Shape, n: usize, at_once: usize) -> f64 {
    let best = |threads| (0..9).map(|_| per_turn(shape, n, at_once, threads)).fold(f64::INFINITY, f64::min);
    best(2) - best(1)
}

/// The time of a turn when `threads` threads take turns, by the fastest of many stretches.
fn per_turn(shape: Shape, n: usize, at_once: usize, threads: usize) -> f64 {
    const STRETCH: usize = 64;
    let mut protected = Protected::new(shape, n, true);
    let mut hands = Hands::default();
    // The source of a fan-out runs alone.
    protected.take(1, &mut hands);
    hands.run_taken();
    protected.hand_in(&mut hands);
    let protected = Mutex::new(protected);
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = |me: usize| {
        let (mut hands, mut fastest, mut since) = (Hands::default(), f64::INFINITY, Instant::now());
        for turn in 1.. {
            while next.load(Ordering::Acquire) % threads != me && !over.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
            let mut protected = protected.lock().unwrap_or_else(PoisonError::into_inner);
            protected.hand_in(&mut hands);
            protected.take(at_once, &mut hands);
            drop(protected);
            if hands.taken.is_empty() {
                break;
            }
            hands.run_taken(); // before the other turn, so that two threads take as long per turn as one
            next.fetch_add(1, Ordering::Release);
            if turn % STRETCH == 0 {
                fastest = fastest.min(since.elapsed().as_nanos() as f64 / (STRETCH * threads) as f64);
                since = Instant::now();
            }
        }
        over.store(true, Ordering::Relaxed);
        fastest
    };
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|me| scope.spawn(move || work(me))).collect();
        let mine = work(0);
        others.into_iter().filter_map(|other| other.join().ok()).fold(mine, f64::min)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_run_however_many_are_taken_at_once() {
        for shape in SHAPES {
            for at_once in [1, 32] {
                let mut protected = Protected::new(shape, 500, true);
                let mut hands = Hands::default();
                let mut run = 0;
                loop {
                    protected.hand_in(&mut hands);
                    protected.take(at_once, &mut hands);
                    if hands.taken.is_empty() {
                        break;
                    }
                    run += hands.taken.len();
                    let inputs = |job: &Reader| job.found.iter().flatten().count();
                    assert!(hands.taken.iter().all(|(_, job)| inputs(job) == job.parents.len()));
                    hands.run_taken();
                }
                assert_eq!(run, 500, "{shape:?}, {at_once} at once");
            }
        }
    }

    #[test]
    fn handing_in_and_taking_take_time() {
        let phases = measure(Shape::FanOut, 1_000, 32);
        assert!(phases.take > 0.0 && phases.hand_in > 0.0, "{phases:?}");
    }
}
