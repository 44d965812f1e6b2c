//! Records and checks of the functions of one run.

use super::spec::{Kind, Program, Spec};
use dagcore::AnyNode;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, ThreadId};
use tests::usage::Usage;

/// Violations found in all runs, where the code could not return them.
pub(crate) static FOUND: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Records that a function began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begin {
    /// Its place in the order of all records of the run.
    pub(crate) place: u64,
    pub(crate) id: usize,
    pub(crate) kind: Kind,
    pub(crate) attempt: u32,
    pub(crate) thread: ThreadId,
}

/// One run, as seen by its functions.
pub(crate) struct World {
    pub(crate) program: Program,
    /// Counts the records, to order them.
    places: AtomicU64,
    begins: Mutex<Vec<Begin>>,
    /// The attempts whose functions have returned a result that counts as a success.
    pub(crate) done: Mutex<HashSet<(usize, u32)>>,
    /// All handles that were created, for actions and explanations.
    pub(crate) handles: Mutex<Vec<AnyNode>>,
    /// The number of times that the decider, or the program, has allowed a node to start.
    pub(crate) let_start: Vec<AtomicUsize>,
    concurrency: Usage,
    kinds: HashMap<Kind, Usage>,
    pools: Vec<Usage>,
    cores: Usage,
    pub(crate) running: AtomicUsize,
    /// The attempts with a start in the report, once it was returned.
    sealed: OnceLock<HashSet<(usize, u32)>>,
    specs: HashMap<usize, Arc<Spec>>,
}

impl World {
    pub(crate) fn new(program: Program) -> Arc<Self> {
        let kinds = Kind::ALL.map(|kind| {
            let limit = program.limits.iter().find(|(limited, _)| *limited == kind);
            (kind, Usage::new(format!("the limit of {kind:?}"), limit.map(|(_, limit)| i64::from(*limit))))
        });
        let pools = program.pools.iter().enumerate();
        let pools = pools.map(|(pool, size)| Usage::new(format!("the pool {pool}"), Some(i64::from(*size)))).collect();
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            places: AtomicU64::new(0),
            begins: Mutex::default(),
            done: Mutex::default(),
            handles: Mutex::default(),
            let_start: (0..program.ids).map(|_| AtomicUsize::new(0)).collect(),
            concurrency: Usage::new("the concurrency", program.concurrency.map(|most| most as i64)),
            kinds: kinds.into(),
            pools,
            cores: Usage::new("the number of processors", Some(cores as i64)),
            running: AtomicUsize::new(0),
            sealed: OnceLock::new(),
            specs: program.all().into_iter().map(|spec| (spec.id, spec)).collect(),
            program,
        })
    }

    /// Returns the next place in the order of records.
    pub(crate) fn place(&self) -> u64 {
        self.places.fetch_add(1, SeqCst)
    }

    pub(crate) fn begins(&self) -> Vec<Begin> {
        self.begins.lock().unwrap().clone()
    }

    pub(crate) fn violation(&self, what: impl std::fmt::Display) {
        FOUND.lock().unwrap().push(format!("seed {}: {what}", self.program.seed));
    }

    /// The function of a node begins. Its resources are in use until the guard is dropped.
    pub(crate) fn begin<'a>(&'a self, spec: &'a Spec, attempt: u32) -> InUse<'a> {
        let Spec { id, kind, .. } = *spec;
        let begin = Begin { place: self.place(), id, kind, attempt, thread: thread::current().id() };
        self.running.fetch_add(1, SeqCst);
        self.begins.lock().unwrap().push(begin);
        if self.sealed.get().is_some_and(|started| !started.contains(&(id, attempt))) {
            self.violation(format_args!(
                "the function of `{id}`, attempt {attempt}, began after the report was returned, which has no start of it"
            ));
        }
        let used = InUse { world: self, spec };
        used.each(|used, share| {
            if let Err(why) = used.enter(share) {
                self.violation(format_args!("{why} with node `{id}`"));
            }
        });
        used
    }

    /// The report was returned, or the run was given up: from now on a function may begin only if its attempt is one of
    /// these.
    pub(crate) fn seal(&self, started: HashSet<(usize, u32)>) {
        let _ = self.sealed.set(started);
    }

    /// The specification with this number.
    pub(crate) fn spec(&self, id: usize) -> Option<&Arc<Spec>> {
        self.specs.get(&id)
    }

    /// The specification of a node, by its name.
    pub(crate) fn spec_of(&self, name: &str) -> Option<&Arc<Spec>> {
        self.spec(name.parse().ok()?)
    }
}

/// The resources in use by a running function.
pub(crate) struct InUse<'a> {
    world: &'a World,
    spec: &'a Spec,
}

impl InUse<'_> {
    fn each(&self, mut change: impl FnMut(&Usage, i64)) {
        let Self { world, spec } = self;
        change(&world.concurrency, 1);
        change(&world.kinds[&spec.kind], 1);
        if matches!(spec.kind, Kind::Plain | Kind::Merge) {
            change(&world.cores, 1);
        }
        spec.pools.iter().for_each(|(pool, share)| change(&world.pools[*pool], i64::from(*share)));
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.each(Usage::leave);
        self.world.running.fetch_sub(1, SeqCst);
    }
}
