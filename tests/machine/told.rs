//! The state of the model, in the machine's types.

use super::model::{Batch, Rule};
use super::program::{Ask, Every, Keyed, NAMES, Program, STAGES, When, name};
use dagcore::dag::{
    Addition, Additions, Adds, Condition, Each, Edge, Keying, Label, NodeId, Place, Reads, RuleSpec, StageId, StageInfo,
};
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

thread_local! {
    /// The additions of this thread's program by running nodes of each stage.
    static INSIDE: Cell<[Option<&'static Adds>; STAGES]> = const { Cell::new([None; STAGES]) };
}

/// The description of a stage for the machine: the stages run at all four places.
pub(crate) fn describe(stage: StageId) -> StageInfo {
    let place = [Place::Async, Place::Compute, Place::Blocking, Place::Inline][stage.index() % 4];
    let info = StageInfo::new(NAMES[stage.index()], place);
    INSIDE.get()[stage.index()].map_or(info, |adds| info.adding(adds))
}

/// Makes [`describe`] use this program's stages.
pub(crate) fn describe_stages_of(program: &Program) {
    let mut all = [None; STAGES];
    for inside in &program.inside {
        let adds = if inside.anything { Adds::Anything } else { declaration(&inside.declares()) };
        all[inside.stage] = Some(kept(adds));
    }
    INSIDE.set(all);
}

/// Leaks the value; there are few of them.
fn kept(adds: Adds) -> &'static Adds {
    static KEPT: LazyLock<Mutex<HashSet<&'static Adds>>> = LazyLock::new(Mutex::default);
    let mut known = KEPT.lock().expect("no thread panics while it holds the lock");
    known.get(&adds).copied().unwrap_or_else(|| {
        let adds: &'static Adds = Box::leak(Box::new(adds));
        known.insert(adds);
        adds
    })
}

fn declaration(list: &[(usize, Keyed)]) -> Adds {
    let keying = |keyed: &Keyed| match keyed {
        Keyed::No => Keying::None,
        Keyed::Run => Keying::Run,
        Keyed::Under(stage) => Keying::Under(stage_id(*stage)),
    };
    Adds::Only(list.iter().map(|(stage, keyed)| Addition::new(stage_id(*stage), keying(keyed))).collect())
}

pub(crate) fn node_id(node: usize) -> NodeId {
    NodeId::from_index(node)
}

pub(crate) fn stage_id(stage: usize) -> StageId {
    StageId::from_index(stage)
}

impl Batch {
    /// The additions as the machine's type.
    pub(crate) fn additions(&self) -> Additions {
        let mut additions = Additions::default();
        for node in &self.nodes {
            let edges = node.edges.iter().map(|(from, need)| Edge { from: node_id(*from), need: *need });
            let labelled = node.name.is_some() || node.key.is_some();
            let (name, key, under) = (node.name.clone(), node.key.clone(), node.under.map(node_id));
            let label = labelled.then(|| Label { name, key, under, ..Label::default() });
            match node.open {
                true => additions.open_node(stage_id(node.stage), edges, label),
                false => additions.node(stage_id(node.stage), edges, label),
            }
        }
        self.rules.iter().for_each(|rule| additions.rule(rule.spec()));
        additions
    }
}

impl Rule {
    fn spec(&self) -> RuleSpec {
        let adds = self.adds.as_ref().map_or(Adds::Anything, |list| declaration(list));
        let mut spec = RuleSpec::new(self.name.clone(), adds).each(match self.every {
            Every::Once => Each::Once,
            Every::Succeeded(stage) => Each::Succeeded(stage_id(stage)),
            Every::Failed(stage) => Each::Failed(stage_id(stage)),
            Every::Under(stage) => Each::Under(stage_id(stage)),
        });
        for (stage, below) in &self.below {
            spec = spec.under(stage_id(*stage), *below);
        }
        for when in &self.when {
            spec = spec.when(match when {
                When::Done(node) => Condition::Done(node_id(*node)),
                When::Settled(node) => Condition::Settled(node_id(*node)),
                When::Failed(node) => Condition::Failed(node_id(*node)),
                When::Count(stage, wanted) => Condition::Count(stage_id(*stage), *wanted),
                When::CountDone(stage, wanted) => Condition::CountDone(stage_id(*stage), *wanted),
                When::Named(level, number) => Condition::Named(name(*level, *number)),
                When::Closed(stage) => Condition::Closed(stage_id(*stage)),
            });
        }
        if self.ask.is_some() {
            spec = spec.asking();
        }
        if let Some(within) = self.within {
            spec = spec.within(within);
        }
        match self.feeds {
            Some(open) => spec.feeding(node_id(open)),
            None => spec,
        }
    }
}

/// The data that a predicate reads.
pub(crate) fn reads(ask: &Ask<usize>) -> Reads {
    let mut reads = Reads::default();
    match ask {
        Ask::OddOrAtLeast(stage, _) | Ask::SucceededAtLeast(stage, _) => reads.stages.push(stage_id(*stage)),
        Ask::NodeFailed(node) | Ask::NodeRuns(node) | Ask::Children(node, _) => reads.nodes.push(node_id(*node)),
        Ask::NameExists(level, number) => reads.names.push(name(*level, *number)),
        Ask::AllAtLeast(_) => reads.all = true,
    }
    reads
}
