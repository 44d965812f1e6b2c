//! Records and checks of the functions of one run, and the actions on the run.

use super::flow::{act, plain, side};
use super::spec::{How, Kind, Program, Spec};
use dagcore::{AnyNode, Run};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Weak};
use tests::usage::Usage;

/// A run, as seen by its functions.
pub(crate) struct World {
    pub(crate) program: Program,
    /// The attempts whose functions have begun.
    pub(crate) log: Mutex<Vec<(usize, u32)>>,
    /// Violations.
    pub(crate) wrong: Mutex<Vec<String>>,
    run: Mutex<Weak<Run>>,
    /// The nodes of the program, and the list of its map.
    pub(crate) nodes: Mutex<Vec<AnyNode>>,
    pub(crate) list: Mutex<Option<AnyNode>>,
    /// Scopes in which no function may begin: all stages, while the run is paused or after it was cancelled; and single
    /// stages.
    paused: AtomicBool,
    cancelled: AtomicBool,
    stages: Mutex<Vec<Kind>>,
    concurrency: Usage,
    kinds: HashMap<Kind, Usage>,
    pool: Usage,
    /// The number of outputs, and of elements, of the gathered list of the map.
    pub(crate) gathered: Mutex<Option<(usize, usize)>>,
}

impl World {
    pub(crate) fn new(program: Program) -> Arc<Self> {
        let kinds = [Kind::Act, Kind::Side, Kind::Plain].map(|kind| {
            let limit = program.limit.filter(|(limited, _)| *limited == kind).map(|(_, most)| i64::from(most));
            (kind, Usage::new(format!("the limit of {kind:?}"), limit))
        });
        Arc::new(Self {
            log: Mutex::default(),
            wrong: Mutex::default(),
            run: Mutex::default(),
            nodes: Mutex::default(),
            list: Mutex::default(),
            paused: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            stages: Mutex::default(),
            concurrency: Usage::new("the concurrency", program.concurrency.map(|most| most as i64)),
            kinds: kinds.into(),
            pool: Usage::new("the pool", Some(i64::from(program.pool))),
            gathered: Mutex::default(),
            program,
        })
    }

    pub(crate) fn wrong(&self, what: impl Into<String>) {
        self.wrong.lock().unwrap().push(what.into());
    }

    /// The run has started.
    pub(crate) fn started(&self, run: &Arc<Run>) {
        *self.run.lock().unwrap() = Arc::downgrade(run);
    }

    /// The function of a node begins.
    pub(crate) fn begin<'a>(&'a self, spec: &'a Spec, attempt: u32) -> InUse<'a> {
        self.log.lock().unwrap().push((spec.id, attempt));
        // A thread of a plain function may be about to begin when something is cancelled; all others share one thread.
        if spec.kind != Kind::Plain {
            let is_barred = self.stages.lock().unwrap().contains(&spec.kind);
            for (barred, what) in [
                (self.paused.load(SeqCst), "the run was paused"),
                (self.cancelled.load(SeqCst), "the run was cancelled"),
                (is_barred, "its stage was cancelled"),
            ] {
                if barred {
                    self.wrong(format!("the function of `{}` began after {what}", spec.id));
                }
            }
        }
        let used = InUse { world: self, spec };
        used.each(|usage, share| usage.enter(share).unwrap_or_else(|why| self.wrong(why)));
        if let Some((_, how)) = self.program.inside.filter(|(id, _)| *id == spec.id && attempt == 1) {
            let run = self.run.lock().unwrap().upgrade();
            run.iter().for_each(|run| self.steer(run, how));
        }
        used
    }

    /// Performs an action on the run.
    pub(crate) fn steer(&self, run: &Run, how: How) {
        let node = |place: usize| self.nodes.lock().unwrap()[place];
        match how {
            How::Run => {
                run.cancel();
                self.cancelled.store(true, SeqCst);
            }
            How::Stage(kind) => {
                match kind {
                    Kind::Act => run.cancel_stage::<act>(),
                    Kind::Side => run.cancel_stage::<side>(),
                    Kind::Plain => run.cancel_stage::<plain>(),
                }
                self.stages.lock().unwrap().push(kind);
            }
            How::Node(place) => run.cancel_node(node(place)),
            How::Subtree(place) => run.cancel_subtree(node(place)),
            How::List => {
                let list = *self.list.lock().unwrap();
                list.into_iter().for_each(|list| run.cancel_node(list));
            }
            How::Pause(_) => {
                run.pause();
                self.paused.store(true, SeqCst);
            }
            How::Append => {}
        }
    }

    pub(crate) fn resume(&self, run: &Run) {
        self.paused.store(false, SeqCst);
        run.resume();
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
        change(&world.pool, i64::from(spec.share));
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.each(Usage::leave);
    }
}
