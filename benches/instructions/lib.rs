//! The cost of each shape in instructions, which does not depend on the load of the machine.
//!
//! This is a separate package: it needs tokio's pausable clock, which the other benches must not enable, and none of
//! the peers, which would otherwise have to be built for it.

pub mod callgrind;
pub mod counted;
pub mod stored;

/// The shapes as `dagcore` runs them, from the same files as in the other benches.
#[path = "../peers"]
pub mod peers {
    pub mod dagcore;
    pub mod peer;
}
/// The definitions of the shapes.
#[path = "../workload.rs"]
pub mod workload;

pub use workload::Shape;

/// The counted shapes: all except the one that computes, whose count does not depend on the library.
pub fn shapes() -> impl Iterator<Item = Shape> {
    Shape::ALL.into_iter().filter(|shape| *shape != Shape::Compute)
}
