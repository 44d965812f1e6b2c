//! Random programs: the behaviour, the dependencies and the additions of each node.

use std::sync::Arc;
use std::time::Duration;
use tests::dice::Dice;

/// The stages of a program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Kind {
    Waits,
    Plain,
    Blocking,
    Inline,
    Grows,
    Group,
    Keyed,
    Merge,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] =
        [Self::Waits, Self::Plain, Self::Blocking, Self::Inline, Self::Grows, Self::Group, Self::Keyed, Self::Merge];
    /// The stages of the nodes that rules add.
    const GROWN: [Self; 7] =
        [Self::Waits, Self::Waits, Self::Plain, Self::Blocking, Self::Inline, Self::Grows, Self::Group];

    pub(crate) fn is_async(self) -> bool {
        matches!(self, Self::Waits | Self::Grows | Self::Group | Self::Keyed)
    }
}

/// The behaviour of an attempt.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Act {
    Succeed,
    Fail,
    Panic,
    /// Waits until it is cancelled or has timed out.
    Hang,
}

/// A node.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) id: usize,
    pub(crate) kind: Kind,
    /// How long it blocks its thread, in microseconds.
    pub(crate) spin: u64,
    /// How often an async node yields.
    pub(crate) yields: u64,
    /// How long an async node sleeps, in microseconds.
    pub(crate) sleep: Option<u64>,
    /// The behaviours of its attempts; the last one is repeated.
    pub(crate) acts: Vec<Act>,
    pub(crate) retries: u32,
    pub(crate) backoff: u64,
    pub(crate) timeout: Option<u64>,
    pub(crate) deadline: Option<u64>,
    pub(crate) priority: Option<i32>,
    /// Shares of pools, by the pools' numbers.
    pub(crate) pools: Vec<(usize, u32)>,
    /// Older nodes of the program that must have succeeded, and that must have ended.
    pub(crate) after: Vec<usize>,
    pub(crate) gathers: Vec<usize>,
    /// The additions of a rule when it has succeeded, and when it has failed.
    pub(crate) children: Vec<Arc<Spec>>,
    pub(crate) rescue: Vec<Arc<Spec>>,
    /// Its additions while it runs.
    pub(crate) inside: Vec<Arc<Spec>>,
    /// The keys of nodes that a rule adds when it has succeeded.
    pub(crate) keys: Vec<usize>,
    /// The node added when no further node can be added below it.
    pub(crate) merge: Option<Arc<Spec>>,
}

impl Spec {
    pub(crate) fn act(&self, attempt: u32) -> Act {
        self.acts[(attempt as usize - 1).min(self.acts.len() - 1)]
    }

    /// Returns `true` if its function's result may be too late.
    pub(crate) fn is_timed(&self) -> bool {
        self.timeout.is_some() || self.deadline.is_some()
    }
}

/// When the nodes below a group are merged.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Below {
    Closed,
    Settled,
    Done,
}

/// Appended from outside: nodes, and optionally a rule with them.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) nodes: Vec<Arc<Spec>>,
    /// A rule that adds this after a node of the program.
    pub(crate) rule: Option<(usize, Arc<Spec>)>,
}

/// A program, and the options of its workflow.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) seed: u64,
    pub(crate) specs: Vec<Arc<Spec>>,
    pub(crate) keyed: Vec<Arc<Spec>>,
    /// The additions when a stage has closed, and when a number of nodes of a stage have succeeded.
    pub(crate) last: Option<Arc<Spec>>,
    pub(crate) counted: Option<(usize, Arc<Spec>)>,
    /// The elements of a map, and the node that gathers its list.
    pub(crate) map: Option<(Vec<Arc<Spec>>, Arc<Spec>)>,
    pub(crate) appends: Vec<Append>,
    pub(crate) below: Below,
    pub(crate) pools: Vec<u32>,
    pub(crate) limits: Vec<(Kind, u32)>,
    /// The minimum interval between two starts of nodes of a stage, and the burst.
    pub(crate) rate: Option<(Kind, Duration, u32)>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) order: u64,
    pub(crate) deadline: Option<Duration>,
    pub(crate) grace: Duration,
    pub(crate) fail_fast: bool,
    /// Whether a decider is queried before each step, or the steps are taken from outside.
    pub(crate) decider: bool,
    pub(crate) stepwise: bool,
    /// The maximum number of nodes.
    pub(crate) ids: usize,
}

/// Generates the nodes of one program.
struct Maker<'a> {
    dice: &'a mut Dice,
    next: usize,
    pools: Vec<u32>,
    keys: usize,
}

impl Maker<'_> {
    fn spec(&mut self, kind: Kind, older: usize, depth: u32) -> Arc<Spec> {
        let id = self.next;
        self.next += 1;
        let is_plain = !kind.is_async();
        let micros = |dice: &mut Dice| if dice.one_in(3) { 0 } else { dice.below(1_500) };
        let dice = &mut *self.dice;
        let timeout = dice.one_in(5).then(|| micros(dice));
        let deadline = dice.one_in(12).then(|| micros(dice));
        // An inline function must not block: its worker may be the one that would enforce its timeout.
        let may_hang = kind != Kind::Inline && (timeout.is_some() || deadline.is_some());
        let act = |dice: &mut Dice| match dice.below(14) {
            0 | 1 => Act::Fail,
            2 => Act::Panic,
            3 if may_hang => Act::Hang,
            _ => Act::Succeed,
        };
        let acts = (0..1 + dice.below(3)).map(|_| act(dice)).collect();
        let spin = if dice.one_in(4) { dice.below(80) } else { dice.below(4) };
        let yields = if dice.one_in(2) { dice.below(4) } else { 0 };
        let sleep = (!is_plain && dice.one_in(6)).then(|| dice.below(800));
        let (retries, backoff) = (dice.below(3) as u32, if dice.one_in(2) { 0 } else { dice.below(300) });
        let priority = dice.one_in(8).then(|| dice.below(5) as i32 - 2);
        let mut pools = Vec::new();
        for (pool, size) in self.pools.iter().enumerate() {
            if dice.one_in(3) {
                pools.push((pool, 1 + dice.below(u64::from(*size)) as u32));
            }
        }
        let (after, gathers) = (dice.some(older), dice.some(older));
        let keys = if self.keys > 0 && dice.one_in(3) { dice.some(self.keys) } else { Vec::new() };
        let grows = depth < 3;
        let most = if kind == Kind::Group { 5 } else { 3 };
        let count = if grows && (kind == Kind::Group || dice.one_in(3)) { dice.below(most) } else { 0 };
        let children = self.some(count, depth);
        let rescues = u64::from(grows && self.dice.one_in(6));
        let rescue = self.some(rescues, depth);
        let inside = if kind == Kind::Grows && grows { 1 + self.dice.below(3) } else { 0 };
        let mut inside = self.some(inside, depth);
        inside.retain(|spec| spec.kind != Kind::Grows); // which would feed itself without end
        let merge = (kind == Kind::Group).then(|| self.spec(Kind::Merge, 0, 3));
        Arc::new(Spec {
            id,
            kind,
            spin,
            yields,
            sleep,
            acts,
            retries,
            backoff,
            timeout,
            deadline,
            priority,
            pools,
            after,
            gathers,
            children,
            rescue,
            inside,
            keys,
            merge,
        })
    }

    /// A node that a worker takes together with others: it is short, and its attempts have no options.
    fn short(&mut self, kind: Kind) -> Arc<Spec> {
        let id = self.next;
        self.next += 1;
        Arc::new(Spec {
            id,
            kind,
            spin: if self.dice.one_in(20) { self.dice.below(60) } else { 0 },
            yields: 0,
            sleep: None,
            acts: vec![Act::Succeed],
            retries: 0,
            backoff: 0,
            timeout: None,
            deadline: None,
            priority: None,
            pools: Vec::new(),
            after: Vec::new(),
            gathers: Vec::new(),
            children: Vec::new(),
            rescue: Vec::new(),
            inside: Vec::new(),
            keys: Vec::new(),
            merge: None,
        })
    }

    fn some(&mut self, count: u64, depth: u32) -> Vec<Arc<Spec>> {
        (0..count).map(|_| self.grown(0, depth + 1)).collect()
    }

    fn grown(&mut self, older: usize, depth: u32) -> Arc<Spec> {
        let kind = self.dice.one_of(&Kind::GROWN);
        self.spec(kind, older, depth)
    }

    fn append(&mut self, older: usize) -> Append {
        let nodes = (0..1 + self.dice.below(3)).map(|_| self.grown(older, 1)).collect();
        let has_rule = older > 0 && self.dice.one_in(4);
        let rule = has_rule.then(|| (self.dice.below(older as u64) as usize, self.grown(0, 2)));
        Append { nodes, rule }
    }
}

impl Program {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice(seed ^ 0x5715_e55e_d000_0000);
        let pools = (0..dice.below(3)).map(|_| 1 + dice.below(4) as u32).collect();
        let keys = dice.below(4) as usize;
        let mut maker = Maker { dice: &mut dice, next: 0, pools, keys };
        let keyed: Vec<_> = (0..keys).map(|_| maker.spec(Kind::Keyed, 0, 3)).collect();
        // Some programs are wide: then workers take several nodes at once.
        let wide = maker.dice.one_in(6).then(|| maker.dice.one_of(&[Kind::Waits, Kind::Plain, Kind::Inline]));
        let count = if wide.is_some() { 40 + maker.dice.below(360) } else { 1 + maker.dice.below(10) };
        let specs: Vec<_> = (0..count as usize)
            .map(|older| match wide {
                Some(kind) if !maker.dice.one_in(16) => maker.short(kind),
                _ => maker.grown(older, 1),
            })
            .collect();
        let last = maker.dice.one_in(3).then(|| maker.spec(Kind::Merge, 0, 3));
        let counted = maker.dice.one_in(3).then(|| (1 + maker.dice.below(3) as usize, maker.grown(0, 2)));
        let map = maker.dice.one_in(3).then(|| {
            let elements = (0..maker.dice.below(5)).map(|_| maker.spec(Kind::Waits, 0, 2)).collect();
            (elements, maker.spec(Kind::Merge, 0, 3))
        });
        let appends = (0..maker.dice.below(3)).map(|_| maker.append(specs.len())).collect();
        let (ids, pools) = (maker.next, maker.pools);
        let limits = Kind::ALL.into_iter().filter(|kind| wide != Some(*kind) && dice.one_in(5)).collect::<Vec<_>>();
        let limits = limits.into_iter().map(|kind| (kind, 1 + dice.below(3) as u32)).collect();
        let interval = Duration::from_micros(20 + dice.below(200));
        let rate = dice.one_in(6).then(|| (dice.one_of(&Kind::ALL), interval, 1 + dice.below(3) as u32));
        let how = dice.below(12);
        Self {
            seed,
            specs,
            keyed,
            last,
            counted,
            map,
            appends,
            below: dice.one_of(&[Below::Closed, Below::Settled, Below::Done]),
            pools,
            limits,
            rate,
            concurrency: (wide.is_none() && dice.one_in(3)).then(|| 1 + dice.below(6) as usize),
            order: dice.below(4),
            deadline: dice.one_in(12).then(|| Duration::from_micros(dice.below(3_000))),
            grace: Duration::from_micros(if dice.one_in(2) { 0 } else { dice.below(1_000) }),
            fail_fast: dice.one_in(12),
            decider: how < 2,
            stepwise: how == 2,
            ids,
        }
    }
    /// All specifications.
    pub(crate) fn all(&self) -> Vec<Arc<Spec>> {
        let appended =
            self.appends.iter().flat_map(|append| append.nodes.iter().chain(append.rule.iter().map(of_rule)));
        let mapped = self.map.iter().flat_map(|(elements, merge)| elements.iter().chain([merge]));
        let counted = self.counted.iter().map(|(_, spec)| spec);
        let mut todo: Vec<&Arc<Spec>> = self.specs.iter().chain(&self.keyed).chain(&self.last).collect();
        todo.extend(counted.chain(mapped).chain(appended));
        let mut all = Vec::new();
        while let Some(spec) = todo.pop() {
            todo.extend(spec.children.iter().chain(&spec.rescue).chain(&spec.inside).chain(&spec.merge));
            all.push(Arc::clone(spec));
        }
        all
    }
}

fn of_rule((_, spec): &(usize, Arc<Spec>)) -> &Arc<Spec> {
    spec
}
