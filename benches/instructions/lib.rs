//! What each shape costs in instructions, which do not depend on how busy the machine is.
//!
//! A package of its own: it needs tokio's clock that can be stopped, which no other bench is to have, and none of the
//! peers that the others are compared with, which would have to be built for it.

pub mod callgrind;
pub mod counted;
pub mod stored;

/// The shapes as `dagcore` runs them: the very files of the other benches.
#[path = "../peers"]
pub mod peers {
    pub mod dagcore;
    pub mod peer;
}
/// What the shapes are.
#[path = "../workload.rs"]
pub mod workload;

pub use workload::Shape;

/// The shapes that are counted: all but the one that computes, which says nothing of the library.
pub fn shapes() -> impl Iterator<Item = Shape> {
    Shape::ALL.into_iter().filter(|shape| *shape != Shape::Compute)
}
