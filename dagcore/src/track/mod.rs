//! Built-in trackers: register them with [`Workflow::track`](crate::Workflow::track).
//!
//! | tracker | feature | output |
//! |---|---|---|
//! | `Snapshots` | | a text file, rewritten every second, with the state of each node |
//! | `Tracing` | `tracing` | events and spans through the `tracing` facade, and so OpenTelemetry |
//! | `Dump` | `json` | a JSON file of the finished graph, which can be loaded again and drawn |
//! | `Perfetto` | `json` | a trace file for Perfetto and Chrome's `about:tracing`: a timeline of all attempts |
//! | `ProgressBars` | `progress` | a progress bar per stage in the terminal |
//! | `Metrics` | `metrics` | counters, gauges and histograms through the `metrics` facade |
//!
//! No tracker writes values or arguments. Names and error messages are escaped and shortened; a dump contains names in
//! full. A file that cannot be written does not affect the run: the error is listed in
//! [`Report::trackers`](crate::Report::trackers).

#[cfg(feature = "json")]
mod dump;
mod file;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "json")]
mod perfetto;
#[cfg(feature = "progress")]
mod progress_bars;
mod snapshots;
#[cfg(feature = "tracing")]
mod tracing;

#[cfg(feature = "tracing")]
pub use self::tracing::Tracing;
#[cfg(feature = "json")]
pub use dump::{Dump, Dumped, DumpedAttempt, DumpedEdge, DumpedFiring, DumpedNode, DumpedRule, LoadError};
#[cfg(feature = "progress")]
pub use indicatif::TermLike;
#[cfg(feature = "metrics")]
pub use metrics::Metrics;
#[cfg(feature = "json")]
pub use perfetto::Perfetto;
#[cfg(feature = "progress")]
pub use progress_bars::ProgressBars;
pub use snapshots::Snapshots;
