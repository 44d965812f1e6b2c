//! The peers: implementations of the workloads behind one trait.

mod all;
pub mod dagcore;
mod dagcore_tracked;
mod dagrs;
mod dagx;
mod peer;
mod raw;
mod raw_boxbatch;
mod raw_spawn;
mod rayon;
mod tokio;

pub use all::{ALL, USUAL, named};
pub use peer::{Contestant, Peer, Reach, Sample};
