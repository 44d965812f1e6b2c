//! What W1–W6 cost in instructions, which do not depend on how busy the machine is.
//!
//! A package of its own: it needs tokio's clock that can be stopped, which no other bench is to have, and none of the
//! peers that the others are compared with, which would have to be built for it.

pub mod callgrind;
pub mod counted;
pub mod stored;

/// The shapes as `dagcore` runs them: the very files of the other benches.
#[path = "../ours.rs"]
pub mod ours;
/// What the shapes are.
#[path = "../workload.rs"]
pub mod workload;
