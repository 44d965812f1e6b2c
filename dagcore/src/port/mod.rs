//! The sockets: what the engine asks of the world, and nothing of how it is done.
//!
//! A program implements [`Tracker`], to watch its runs. The rest is what `#[stage]` is written against; it has no examples,
//! because nobody writes it by hand.

mod attempt_policy;
mod decider;
mod known;
mod needs;
mod signal;
mod stage;
mod tracker;
mod tracker_report;

pub use crate::dag::{BriefEvent as Happened, NewNodes};
pub use attempt_policy::{AttemptPolicy, Backoff};
pub(crate) use decider::AnyDecider;
pub use decider::{Choice, Decider};
pub use known::Known;
pub use needs::{Needs, Rate};
pub(crate) use signal::{Listener, Signal, wake};
pub use stage::{Job, Mock, MocksByStage, Sources, StageFuture, StageResult, StageSpec, Started, Starting};
pub(crate) use tracker::Watcher;
pub use tracker::{End, Tracker};
pub use tracker_report::TrackerReport;
