//! The sockets: what the engine asks of the world, and nothing of how it is done.

mod stage;

pub use stage::{Job, Sources, StageContext, StageFuture, StageResult, StageSpec, Started, Starting};
