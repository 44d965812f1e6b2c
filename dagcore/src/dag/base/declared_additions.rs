//! The additions that a rule declares, or that a stage declares for the time its nodes run.

use super::ids::StageId;

/// Whether added nodes have keys, and the scope in which a key is unique.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Keying {
    /// No keys.
    None,
    /// `by key`: each key is added once in a run.
    Run,
    /// `by key under ..`: each key is added once below each node of this stage.
    Under(StageId),
}

/// One entry of an `adds [..]` declaration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Addition {
    /// The stage whose nodes may be added.
    pub stage: StageId,
    /// Whether these nodes have keys.
    pub keying: Keying,
}

impl Addition {
    /// Creates an entry for nodes of `stage`.
    pub fn new(stage: StageId, keying: Keying) -> Self {
        Self { stage, keying }
    }
}

/// The set of nodes that may be added.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Adds {
    /// Nothing is declared, so nodes of every stage may be added.
    Anything,
    /// Only nodes of these stages.
    Only(Vec<Addition>),
}

impl Adds {
    /// Allows only nodes of `stages`, without keys.
    pub fn only(stages: impl IntoIterator<Item = StageId>) -> Self {
        Self::Only(stages.into_iter().map(|stage| Addition::new(stage, Keying::None)).collect())
    }

    /// Returns the entries; empty when nothing is declared.
    pub fn list(&self) -> &[Addition] {
        match self {
            Self::Anything => &[],
            Self::Only(list) => list,
        }
    }

    /// Returns `true` if this declaration covers the entry `inner`. An entry with keys covers only the same keying,
    /// because a stage that is declared with keys keeps them, whichever rule or node adds its nodes.
    pub(crate) fn covers_one(&self, inner: Addition) -> bool {
        let fits = |own: &Addition| own.keying == Keying::None || own.keying == inner.keying;
        *self == Self::Anything || self.list().iter().any(|own| own.stage == inner.stage && fits(own))
    }

    pub(crate) fn allows(&self, stage: StageId) -> bool {
        self.may_bring(stage, |_| false)
    }

    /// Returns `true` if an addition may be a node of `stage`, or of a stage that `leads` to it.
    #[inline]
    pub(crate) fn may_bring(&self, stage: StageId, leads: impl Fn(StageId) -> bool) -> bool {
        match self {
            Self::Anything => true,
            Self::Only(list) => list.iter().any(|addition| addition.stage == stage || leads(addition.stage)),
        }
    }

    /// Returns `true` if everything that `inner` may add may be added under this declaration too.
    pub(crate) fn covers(&self, inner: &Self) -> bool {
        match inner {
            Self::Anything => *self == Self::Anything,
            Self::Only(list) => list.iter().all(|addition| self.covers_one(*addition)),
        }
    }
}
