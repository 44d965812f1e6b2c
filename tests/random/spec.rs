//! Random programs, and a small model of the expected results.

use dagcore::NodeState;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tests::dice::Dice;

/// The behaviour of an attempt.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Act {
    Succeed,
    Fail,
    Panic,
    Hang,
}

/// The stages of nodes with a behaviour.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    Act,
    Side,
    /// Runs on a separate thread, and takes no virtual time.
    Plain,
}

/// A node of the program, or one that a rule adds for another.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) id: usize,
    pub(crate) kind: Kind,
    pub(crate) millis: u64,
    /// The behaviours of its attempts; the last one is repeated.
    acts: Vec<Act>,
    pub(crate) retries: u32,
    pub(crate) timeout: Option<u64>,
    /// Its share of the pool.
    pub(crate) share: u32,
    /// Nodes that must have succeeded, and nodes that must have ended: older ones of the program.
    pub(crate) after: Vec<usize>,
    pub(crate) gathers: Vec<usize>,
    /// The additions of the rule when the node succeeds.
    pub(crate) children: Vec<Arc<Spec>>,
}

/// An action on a running workflow.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    Run,
    Stage(Kind),
    Node(usize),
    Subtree(usize),
    /// The list of the map.
    List,
    /// Pauses for this many milliseconds.
    Pause(u64),
    /// Appends nodes.
    Append,
}

pub(crate) struct Program {
    pub(crate) specs: Vec<Arc<Spec>>,
    /// The elements of a map.
    pub(crate) mapped: Vec<Arc<Spec>>,
    /// The nodes to append, if any.
    pub(crate) appended: Vec<Arc<Spec>>,
    /// The maximum number of concurrent nodes: in total, and of one stage.
    pub(crate) concurrency: Option<usize>,
    pub(crate) limit: Option<(Kind, u32)>,
    pub(crate) pool: u32,
    /// The actions on the run, each after a number of milliseconds.
    pub(crate) steps: Vec<(u64, How)>,
    /// The action that a function of this node performs on the run.
    pub(crate) inside: Option<(usize, How)>,
    /// The number of nodes that must have succeeded before the output of the named node is read.
    pub(crate) reads_after: usize,
}

pub(crate) const PAUSE: u64 = 7;

/// The expected end of a node, and the number of failed attempts before it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct End {
    pub(crate) state: NodeState,
    pub(crate) retried: usize,
}

fn spec(dice: &mut Dice, next: &mut usize, pool: u32, older: usize, depth: u32) -> Spec {
    let kind = dice.one_of(&[Kind::Act, Kind::Act, Kind::Side, Kind::Plain]);
    spec_of(kind, dice, next, pool, older, depth)
}

fn spec_of(kind: Kind, dice: &mut Dice, next: &mut usize, pool: u32, older: usize, depth: u32) -> Spec {
    let id = *next;
    *next += 1;
    let is_plain = kind == Kind::Plain;
    let millis = if is_plain || dice.one_in(3) { 0 } else { dice.below(50) };
    // Timers of tokio deviate by a millisecond, so attempts that time out exceed the limit by more. Attempts that
    // return at once are in time.
    let timeout = match dice.below(8) {
        _ if is_plain => None,
        0 | 1 => Some(millis + 4 + dice.below(20)),
        2 if millis > 5 => Some(1 + dice.below(millis - 5)),
        3 => Some(0),
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
    let share = if dice.one_in(3) { 1 + dice.below(u64::from(pool)) as u32 } else { 0 };
    let count = if depth < 3 && dice.one_in(3) { dice.below(3) } else { 0 };
    let children = (0..count).map(|_| Arc::new(spec(dice, next, pool, 0, depth + 1))).collect();
    Spec { id, kind, millis, acts, retries, timeout, share, after, gathers, children }
}

/// A node that a worker takes together with others: it takes no time, and its attempts have no options.
fn short(next: &mut usize) -> Spec {
    *next += 1;
    let acts = vec![Act::Succeed];
    let (after, gathers, children) = (Vec::new(), Vec::new(), Vec::new());
    let (kind, id) = (Kind::Act, *next - 1);
    Spec { id, kind, millis: 0, acts, retries: 0, timeout: None, share: 0, after, gathers, children }
}

impl Spec {
    pub(crate) fn act(&self, attempt: u32) -> Act {
        self.acts[(attempt as usize - 1).min(self.acts.len() - 1)]
    }

    fn end(&self) -> End {
        for attempt in 1..=self.retries + 1 {
            let is_slow = self.timeout.is_some_and(|most| self.millis > 0 && self.millis >= most);
            if self.act(attempt) == Act::Succeed && !is_slow {
                return End { state: NodeState::Succeeded, retried: attempt as usize - 1 };
            }
        }
        End { state: NodeState::Failed, retried: self.retries as usize }
    }

    /// The maximum duration of all its attempts and pauses, including those of its additions.
    fn longest(&self) -> u64 {
        let attempt = self.timeout.unwrap_or(self.millis).max(self.millis) + PAUSE;
        attempt * u64::from(self.retries + 1) + self.children.iter().map(|child| child.longest()).sum::<u64>()
    }
}

impl Program {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let mut next = 0;
        let pool = 1 + dice.below(3) as u32;
        let is_wide = dice.one_in(6);
        let count = if is_wide { 20 + dice.below(40) } else { 1 + dice.below(12) } as usize;
        let node = |dice: &mut Dice, next: &mut usize, older| Arc::new(spec(dice, next, pool, older, 0));
        let mut specs: Vec<Arc<Spec>> = Vec::new();
        for older in 0..count {
            let is_short = is_wide && !dice.one_in(8);
            specs.push(if is_short { Arc::new(short(&mut next)) } else { node(dice, &mut next, older) });
        }
        let mapped = (0..dice.below(5)).map(|_| Arc::new(spec_of(Kind::Act, dice, &mut next, pool, 0, 1))).collect();
        let appended = (0..1 + dice.below(3)).map(|_| node(dice, &mut next, count)).collect();
        Self {
            specs,
            mapped,
            appended,
            concurrency: (!is_wide && dice.one_in(2)).then(|| 1 + dice.below(6) as usize),
            limit: dice
                .one_in(3)
                .then(|| (dice.one_of(&[Kind::Act, Kind::Side, Kind::Plain]), 1 + dice.below(3) as u32)),
            pool,
            steps: Vec::new(),
            inside: None,
            reads_after: 1 + dice.below(4) as usize,
        }
    }

    /// A random program with actions during its run.
    pub(crate) fn steered(dice: &mut Dice) -> Self {
        let program = Self::new(dice);
        let count = program.specs.len() as u64;
        let how = |dice: &mut Dice| match dice.below(12) {
            0 => How::Run,
            1 => How::Stage(dice.one_of(&[Kind::Act, Kind::Side, Kind::Plain])),
            2 | 3 => How::Node(dice.below(count) as usize),
            4 | 5 => How::Subtree(dice.below(count) as usize),
            6 | 7 => How::List,
            8 | 9 => How::Pause(1 + dice.below(40)),
            _ => How::Append,
        };
        let mut steps: Vec<(u64, How)> = (0..1 + dice.below(4)).map(|_| (dice.below(90), how(dice))).collect();
        steps.sort_by_key(|(at, _)| *at);
        let mut has_append = false;
        steps.retain(|(_, how)| !matches!(how, How::Append) || !std::mem::replace(&mut has_append, true));
        let inside = if dice.one_in(3) { Some(dice.below(count) as usize) } else { None };
        // An action takes real time, though no virtual time, and so is too long for an attempt with a timeout of zero.
        // A plain function would perform its action while another one is about to begin on the only other thread.
        let may_steer = |spec: &&Arc<Spec>| spec.timeout != Some(0) && spec.kind != Kind::Plain;
        let inside = inside.map(|place| &program.specs[place]).filter(may_steer);
        let inside = inside.map(|spec| {
            let how = match dice.below(4) {
                0 => How::Run,
                1 => How::Stage(Kind::Act),
                2 => How::Node(dice.below(count) as usize),
                _ => How::Pause(0),
            };
            (spec.id, how)
        });
        Self { steps, inside, ..program }
    }

    /// The expected end of every existing node, after these nodes have been appended.
    pub(crate) fn expected(&self, appended: &[Arc<Spec>]) -> BTreeMap<usize, End> {
        fn below(spec: &Spec, ends: &mut BTreeMap<usize, End>) {
            ends.insert(spec.id, spec.end());
            if spec.end().state == NodeState::Succeeded {
                spec.children.iter().for_each(|child| below(child, ends));
            }
        }
        let mut ends: BTreeMap<usize, End> = BTreeMap::new();
        for spec in self.specs.iter().chain(appended) {
            let lost = |parent: &usize| ends[&self.specs[*parent].id].state != NodeState::Succeeded;
            if spec.after.iter().any(lost) {
                ends.insert(spec.id, End { state: NodeState::Skipped, retried: 0 });
            } else {
                below(spec, &mut ends);
            }
        }
        self.mapped.iter().for_each(|spec| below(spec, &mut ends));
        ends
    }

    pub(crate) fn longest(&self) -> Duration {
        let specs = self.specs.iter().chain(&self.mapped).chain(&self.appended);
        let steps = self.steps.iter().map(|(at, how)| at + if let How::Pause(millis) = how { *millis } else { 0 });
        Duration::from_millis(specs.map(|spec| spec.longest()).sum::<u64>() + steps.sum::<u64>() + 1)
    }

    /// All actions on the run.
    pub(crate) fn all_steps(&self) -> impl Iterator<Item = How> {
        self.steps.iter().map(|(_, how)| *how).chain(self.inside.map(|(_, how)| how))
    }

    /// The nodes that may end differently because of cancellations: the cancelled nodes, the nodes that need their
    /// success, and the nodes below them. `None` if every node may.
    pub(crate) fn touched(&self) -> Option<HashSet<usize>> {
        fn with_children(spec: &Spec, touched: &mut HashSet<usize>) {
            touched.insert(spec.id);
            spec.children.iter().for_each(|child| with_children(child, touched));
        }
        fn of_kinds(spec: &Spec, kinds: &HashSet<Kind>, touched: &mut HashSet<usize>) {
            if kinds.contains(&spec.kind) {
                return with_children(spec, touched);
            }
            spec.children.iter().for_each(|child| of_kinds(child, kinds, touched));
        }
        let (mut chosen, mut kinds) = (HashSet::new(), HashSet::new());
        for how in self.all_steps() {
            match how {
                How::Run => return None,
                How::Stage(kind) => drop(kinds.insert(kind)),
                How::Node(place) | How::Subtree(place) => drop(chosen.insert(place)),
                How::List | How::Pause(_) | How::Append => {}
            }
        }
        let (mut touched, mut lost) = (HashSet::new(), HashSet::new());
        for (place, spec) in self.specs.iter().chain(&self.appended).enumerate() {
            let is_chosen = chosen.contains(&place) && place < self.specs.len();
            if is_chosen || kinds.contains(&spec.kind) || spec.after.iter().any(|parent| lost.contains(parent)) {
                lost.insert(place);
                with_children(spec, &mut touched);
            } else {
                of_kinds(spec, &kinds, &mut touched);
            }
        }
        self.mapped.iter().for_each(|spec| of_kinds(spec, &kinds, &mut touched));
        Some(touched)
    }
}
