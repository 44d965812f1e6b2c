//! The few shapes that a layout is made of.

/// A place in the picture, in pixels from the upper left corner.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A box: its upper left corner and its size.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(super) struct Area {
    pub(super) at: Point,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Which way the edges run.
///
/// A layout is computed for edges that run down; one that runs to the right is the same with x and y exchanged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Down,
    Right,
}

impl Direction {
    /// The point that is `across` from side to side, and `along` the way the edges run.
    pub(super) fn point(self, across: f64, along: f64) -> Point {
        match self {
            Self::Down => Point { x: across, y: along },
            Self::Right => Point { x: along, y: across },
        }
    }

    /// Of a size or a place: the part from side to side, and the part the way the edges run.
    pub(super) fn parts(self, width: f64, height: f64) -> (f64, f64) {
        match self {
            Self::Down => (width, height),
            Self::Right => (height, width),
        }
    }
}
