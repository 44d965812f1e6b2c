//! The stages and rules of a possible graph.

use super::multiplicity::Multiplicity;
use crate::dag::base::ids::StageId;

/// A stage that the program or one of its rules mentions, or that a node of such a stage may add.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PossibleStage {
    pub(super) id: StageId,
    pub(super) name: String,
    pub(super) multiplicity: Multiplicity,
    pub(super) program: usize,
    pub(super) actual: Option<StageCount>,
}

/// The nodes of a stage that a run really has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[non_exhaustive]
pub struct StageCount {
    /// All of them.
    pub nodes: usize,
    /// Those that succeeded.
    pub succeeded: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were skipped.
    pub skipped: usize,
    /// Those that were cancelled.
    pub cancelled: usize,
    /// Those that have not ended: they wait, or run.
    pub unsettled: usize,
}

/// A rule of the program, or one that the body of another has registered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PossibleRule {
    pub(super) name: String,
    pub(super) multiplicity: Multiplicity,
    pub(super) registered: usize,
    pub(super) nested: bool,
    pub(super) declares: bool,
    pub(super) predicate: bool,
    pub(super) names: Vec<String>,
    pub(super) fired: Option<u64>,
}

impl PossibleStage {
    /// Its number.
    pub fn id(&self) -> StageId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many nodes of it there can be.
    pub fn multiplicity(&self) -> Multiplicity {
        self.multiplicity
    }

    /// How many the program adds by itself.
    pub fn program(&self) -> usize {
        self.program
    }

    /// How many there really are, in a run and after it.
    pub fn actual(&self) -> Option<StageCount> {
        self.actual
    }
}

impl PossibleRule {
    /// Its name, or where it stands.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How often it can fire.
    pub fn multiplicity(&self) -> Multiplicity {
        self.multiplicity
    }

    /// How many rules of this name, which wait for the same and declare the same, were registered.
    pub fn registered(&self) -> usize {
        self.registered
    }

    /// Whether it was registered by the body of another rule.
    pub fn is_nested(&self) -> bool {
        self.nested
    }

    /// Whether it declares what it adds. One that does not may add anything.
    pub fn declares(&self) -> bool {
        self.declares
    }

    /// Whether it has a predicate.
    pub fn has_predicate(&self) -> bool {
        self.predicate
    }

    /// The names that it waits for, in alphabetical order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How often it really fired, in a run and after it.
    pub fn fired(&self) -> Option<u64> {
        self.fired
    }
}
