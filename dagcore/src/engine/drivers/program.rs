//! What a program adds before it runs.
//!
//! Nodes go into the machine by the hundred while they are added, as long as they are in the processor's caches; rules
//! are taken in last, when the laws have been asked about all of them.

use crate::dag::{Event, Graph, Machine, Refused, RuleSpec, StageId, Time};
use crate::registry;
use crate::typed::{Batch, TagId};

/// So many nodes go into the machine together.
const MANY: usize = 100;

/// A run's beginning in the making.
pub(crate) struct Program {
    pub(crate) machine: Machine,
    pub(crate) batch: Batch,
}

impl Program {
    pub(crate) fn new(tag: TagId) -> Self {
        Self { machine: Machine::new(registry::describe), batch: Batch::new(tag) }
    }

    /// Where more is added to.
    pub(crate) fn batch(&mut self) -> &mut Batch {
        if self.batch.additions.len() >= MANY {
            self.take_in();
        }
        &mut self.batch
    }

    /// Where more is added to, and where the nodes are that are there already.
    pub(crate) fn batch_and_machine(&mut self) -> (&mut Batch, &Machine) {
        self.batch();
        (&mut self.batch, &self.machine)
    }

    /// What was wrong with what was added.
    pub(crate) fn problems(&mut self) -> &mut Vec<String> {
        self.take_in();
        &mut self.batch.problems
    }

    /// The nodes that were added.
    pub(crate) fn graph(&mut self) -> &Graph {
        self.take_in();
        self.machine.graph()
    }

    /// The nodes and the rules.
    pub(crate) fn parts(&mut self) -> (&Graph, &[RuleSpec]) {
        self.take_in();
        (self.machine.graph(), self.rules())
    }

    /// The rules that were registered.
    pub(crate) fn rules(&self) -> &[RuleSpec] {
        &self.batch.additions.rules
    }

    /// The stages that it adds, or whose nodes its rules may add or wait for: each once, in the order of their ids.
    pub(crate) fn stages(&mut self) -> Vec<StageId> {
        let (graph, rules) = self.parts();
        // The list of a map is no stage of the user's, and its name is ours.
        let own = graph.stages().filter(|stage| !graph.is_of_lists(*stage));
        let mut stages: Vec<StageId> = own.chain(rules.iter().flat_map(RuleSpec::stages)).collect();
        stages.sort_unstable();
        stages.dedup();
        stages
    }

    /// Takes the rest in, and the rules: nothing can be added any more.
    ///
    /// # Errors
    ///
    /// When the machine refuses a rule.
    pub(crate) fn finish(&mut self) -> Result<(), Refused> {
        self.take_in();
        let additions = std::mem::take(&mut self.batch.additions);
        self.commit(&Event::Added { additions, at: Time::START })
    }

    /// Before the run, there are no observers.
    fn commit(&mut self, event: &Event) -> Result<(), Refused> {
        self.machine.apply(event)
    }

    fn take_in(&mut self) {
        let Some(additions) = self.batch.take_nodes() else { return };
        let event = Event::Added { additions, at: Time::START };
        let refused = self.commit(&event).err();
        if let Event::Added { additions, .. } = event {
            self.batch.nodes_taken_in(additions);
        }
        self.batch.problems.extend(refused.map(|refused| refused.to_string()));
    }
}
