//! Who watches a run: adapters for the port [`Tracker`](crate::Tracker), each behind a feature.

#[cfg(feature = "progress")]
mod progress_bars;

#[cfg(feature = "progress")]
pub use indicatif::TermLike;
#[cfg(feature = "progress")]
pub use progress_bars::ProgressBars;
