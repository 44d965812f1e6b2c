//! What may bring about what: the arrows of some rules and stages, as far as they count.

use super::arrows::{Arrow, Placed};
use super::shapes::{How, StageShape};

/// Rules, stages and arrows, all laid.
#[derive(Clone, Copy)]
pub(super) struct Net<'n, 'a> {
    pub(super) rules: &'n [Placed<'a>],
    pub(super) stages: &'n [StageShape<'a>],
    pub(super) arrows: &'n [Arrow],
    /// The first arrow from each stage.
    pub(super) first: &'n [usize],
}

/// Which arrows count.
#[derive(Clone, Copy, Debug)]
pub(super) enum Relation {
    /// All: whatever is added keeps a stage open in the whole run.
    All,
    /// Those that may let something be added below the node that a rule is applied to.
    Below,
    /// Those that nothing bounds.
    Growth,
}

/// Where something is added. A point is a stage and a place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Anywhere,
    /// Below the node that the rule is applied to from which the way starts.
    Below,
}

/// How many points a stage has.
pub(super) const PLACES: usize = 2;

impl Place {
    pub(super) const fn of(self, stage: usize) -> usize {
        stage * PLACES + matches!(self, Self::Below) as usize
    }

    /// The stage of a point, and its place.
    pub(super) const fn at(point: usize) -> (usize, Self) {
        (point / PLACES, if point % PLACES == 0 { Self::Anywhere } else { Self::Below })
    }
}

impl Relation {
    pub(super) const fn start(self) -> Place {
        match self {
            Self::All | Self::Growth => Place::Anywhere,
            Self::Below => Place::Below,
        }
    }

    /// Where something is added when a node of the arrow's first stage is at `place`.
    ///
    /// What a rule adds that fires once in the whole run is below no node. What a rule adds that waits for something in
    /// the whole run may be: for a node that was below and waiting before.
    pub(super) const fn step(self, arrow: &Arrow, place: Place) -> Option<Place> {
        match self {
            Self::All => Some(Place::Anywhere),
            Self::Growth if arrow.grows => Some(Place::Anywhere),
            Self::Growth => None,
            Self::Below if arrow.apart => Some(Place::Anywhere),
            Self::Below if matches!(arrow.how, How::Count | How::Closed) => Some(Place::Below),
            Self::Below => Some(place),
        }
    }
}
