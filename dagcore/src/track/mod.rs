//! Trackers that come with the library: give them to [`Workflow::track`](crate::Workflow::track).
//!
//! | tracker | feature | what it makes of a run |
//! |---|---|---|
//! | `Snapshots` | | a text file that says every second what the nodes are doing |
//! | `Tracing` | `tracing` | lines and spans through the `tracing` facade, and so OpenTelemetry |
//! | `Dump` | `json` | a JSON file of the finished graph, which can be loaded again and drawn |
//! | `Perfetto` | `json` | a file that Perfetto and Chrome's `about:tracing` show: who ran when, beside whom |
//! | `ProgressBars` | `progress` | a bar for each stage in the terminal |
//! | `Metrics` | `metrics` | counters, gauges and histograms through the `metrics` facade |
//!
//! None of them writes values or arguments. Names and the texts of errors are escaped and shortened; a dump holds names in
//! full. A file that cannot be written does not disturb the run: [`Report::trackers`](crate::Report::trackers) reports it.

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
