//! The shapes of a layout.

/// A position in the picture, in pixels from the upper left corner.
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

/// The direction of the edges.
///
/// A layout is computed for edges that lead down; for edges that lead to the right, x and y are exchanged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Down,
    Right,
}

impl Direction {
    /// Returns the point at `across` perpendicular to the edges, and at `along` in their direction.
    pub(super) fn point(self, across: f64, along: f64) -> Point {
        match self {
            Self::Down => Point { x: across, y: along },
            Self::Right => Point { x: along, y: across },
        }
    }

    /// Splits a size or a position into its parts perpendicular to the edges and in their direction.
    pub(super) fn parts(self, width: f64, height: f64) -> (f64, f64) {
        match self {
            Self::Down => (width, height),
            Self::Right => (height, width),
        }
    }
}
