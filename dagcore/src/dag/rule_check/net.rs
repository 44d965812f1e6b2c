//! The relation "may bring about": the arrows of some rules and stages, restricted to those that count.

use super::arrows::{Arrow, Placed};
use super::shapes::{How, StageShape};

/// Rules, stages and their arrows, complete and linked.
#[derive(Clone, Copy)]
pub(super) struct Net<'n, 'a> {
    pub(super) rules: &'n [Placed<'a>],
    pub(super) stages: &'n [StageShape<'a>],
    pub(super) arrows: &'n [Arrow],
    /// The first arrow from each stage.
    pub(super) first: &'n [usize],
}

/// The subset of arrows that counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Relation {
    /// All arrows: every addition keeps a stage open in the whole run.
    All,
    /// Arrows that may lead to an addition below the node that a rule is applied to.
    Below,
    /// Unbounded arrows.
    Growth,
}

/// The position of an addition. A point is a stage with a position.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Anywhere,
    /// Below the node that the rule at the start of the path is applied to.
    Below,
}

/// The number of points of a stage.
pub(super) const PLACES: usize = 2;

impl Place {
    pub(super) const fn of(self, stage: usize) -> usize {
        stage * PLACES + matches!(self, Self::Below) as usize
    }

    /// Returns the stage and the position of a point.
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

    /// Returns the position of the additions when a node of the arrow's first stage is at `place`.
    ///
    /// Additions of a rule that fires once in the whole run are below no node. Additions of a rule that waits for a
    /// condition on the whole run may be below the node: the rule may be applied to a node that was below it and
    /// waiting before.
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
