//! The sockets: what the engine asks of the world, and nothing of how it is done.
//!
//! What `#[stage]` is written against; it has no examples, because nobody writes it by hand.

mod stage;

pub use stage::{Job, MocksByStage, Sources, StageFuture, StageResult, StageSpec, Started, Starting};
