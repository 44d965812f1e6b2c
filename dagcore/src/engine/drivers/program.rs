//! The nodes and rules that a program adds before it runs.
//!
//! Nodes are applied to the machine by the hundred while they are added, as long as they are in the processor's
//! caches; rules are applied last, after all of them have been checked against the rule laws.

use crate::dag::{Event, Graph, Machine, Refused, RuleSpec, StageId, Time};
use crate::registry;
use crate::typed::{Batch, TagId};

/// Number of nodes that are applied together.
const MANY: usize = 100;

/// The initial graph of a run, under construction.
pub(crate) struct Program {
    pub(crate) machine: Machine,
    pub(crate) batch: Batch,
}

impl Program {
    /// Creates an empty program.
    pub(crate) fn new(tag: TagId) -> Self {
        Self { machine: Machine::new(registry::describe), batch: Batch::new(tag) }
    }

    /// Returns the batch to add to.
    pub(crate) fn batch(&mut self) -> &mut Batch {
        if self.batch.additions.len() >= MANY {
            self.take_in();
        }
        &mut self.batch
    }

    /// Returns the batch to add to, and the machine with the nodes applied so far.
    pub(crate) fn batch_and_machine(&mut self) -> (&mut Batch, &Machine) {
        self.batch();
        (&mut self.batch, &self.machine)
    }

    /// Returns the problems with what was added.
    pub(crate) fn problems(&mut self) -> &mut Vec<String> {
        self.take_in();
        &mut self.batch.problems
    }

    /// Returns the graph of the nodes that were added.
    pub(crate) fn graph(&mut self) -> &Graph {
        self.take_in();
        self.machine.graph()
    }

    /// Returns the graph and the rules.
    pub(crate) fn parts(&mut self) -> (&Graph, &[RuleSpec]) {
        self.take_in();
        (self.machine.graph(), self.rules())
    }

    /// Returns the rules that were registered.
    pub(crate) fn rules(&self) -> &[RuleSpec] {
        &self.batch.additions.rules
    }

    /// Returns the stages that the program adds, or whose nodes its rules may add or wait for: each once, ordered by
    /// id.
    pub(crate) fn stages(&mut self) -> Vec<StageId> {
        let (graph, rules) = self.parts();
        // The list of a map is not a stage of the program, and its name belongs to the library.
        let own = graph.stages().filter(|stage| !graph.is_of_lists(*stage));
        let mut stages: Vec<StageId> = own.chain(rules.iter().flat_map(RuleSpec::stages)).collect();
        stages.sort_unstable();
        stages.dedup();
        stages
    }

    /// Applies the remaining nodes, and the rules. Nothing can be added afterwards.
    ///
    /// # Errors
    ///
    /// When the machine refuses a rule.
    pub(crate) fn finish(&mut self) -> Result<(), Refused> {
        self.take_in();
        let additions = std::mem::take(&mut self.batch.additions);
        self.commit(&Event::Added { additions, at: Time::START })
    }

    /// Applies an event directly: before the run there are no observers.
    fn commit(&mut self, event: &Event) -> Result<(), Refused> {
        self.machine.apply(event)
    }

    /// Applies the pending nodes.
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
