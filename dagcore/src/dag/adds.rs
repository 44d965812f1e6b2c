//! What a rule declares that it can add.

use super::id::StageId;

/// One entry of a rule's `adds [..]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Addition {
    /// The stage whose nodes may be added.
    pub stage: StageId,
    /// Whether each such node carries a key, and each key is added once in a run.
    pub by_key: bool,
}

/// Everything that a rule's body may add.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Adds {
    /// The rule declares nothing: it may add nodes of every stage.
    Anything,
    /// Only nodes of these stages.
    Only(Vec<Addition>),
}

impl Adds {
    /// Only nodes of `stages`, without keys.
    pub fn only(stages: impl IntoIterator<Item = StageId>) -> Self {
        Self::Only(stages.into_iter().map(|stage| Addition { stage, by_key: false }).collect())
    }

    /// What was declared `by key` stays so, whoever adds it.
    pub(crate) fn covers_one(&self, inner: Addition) -> bool {
        match self {
            Self::Anything => true,
            Self::Only(list) => list.iter().any(|own| own.stage == inner.stage && (inner.by_key || !own.by_key)),
        }
    }

    pub(crate) fn allows(&self, stage: StageId) -> bool {
        match self {
            Self::Anything => true,
            Self::Only(list) => list.iter().any(|addition| addition.stage == stage),
        }
    }

    /// Whether everything that `inner` may add may be added under this declaration too.
    pub(crate) fn covers(&self, inner: &Self) -> bool {
        match inner {
            Self::Anything => *self == Self::Anything,
            Self::Only(list) => list.iter().all(|addition| self.covers_one(*addition)),
        }
    }
}
