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

/// The actual nodes of a stage in a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
#[non_exhaustive]
pub struct StageCount {
    /// All nodes.
    pub nodes: usize,
    /// Succeeded nodes.
    pub succeeded: usize,
    /// Failed nodes.
    pub failed: usize,
    /// Skipped nodes.
    pub skipped: usize,
    /// Cancelled nodes.
    pub cancelled: usize,
    /// Unsettled nodes: waiting or running.
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
    /// Returns the id of the stage.
    pub fn id(&self) -> StageId {
        self.id
    }

    /// Returns the name of the stage.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the possible number of its nodes.
    pub fn multiplicity(&self) -> Multiplicity {
        self.multiplicity
    }

    /// Returns the number of nodes that the program adds itself.
    pub fn program(&self) -> usize {
        self.program
    }

    /// Returns the actual nodes, during and after a run.
    pub fn actual(&self) -> Option<StageCount> {
        self.actual
    }
}

impl PossibleRule {
    /// Returns the name of the rule, or the place of its declaration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the possible number of firings.
    pub fn multiplicity(&self) -> Multiplicity {
        self.multiplicity
    }

    /// Returns the number of registered rules with this name that wait for the same stages and declare the same
    /// additions.
    pub fn registered(&self) -> usize {
        self.registered
    }

    /// Returns `true` if it was registered by the body of another rule.
    pub fn is_nested(&self) -> bool {
        self.nested
    }

    /// Returns `true` if it declares its additions. A rule that does not may add anything.
    pub fn declares(&self) -> bool {
        self.declares
    }

    /// Returns `true` if it has a predicate.
    pub fn has_predicate(&self) -> bool {
        self.predicate
    }

    /// Returns the names that it waits for, in alphabetical order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the actual number of firings, during and after a run.
    pub fn fired(&self) -> Option<u64> {
        self.fired
    }
}
