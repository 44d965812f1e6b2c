//! `side-by-side`: alternates the peers on the workloads, and prints the figures.
//!
//! `args` parses the options, `plan` decides what runs, `compare` alternates the peers, `memory` measures in a
//! separate process; `table`, `json` and `readme` print the results; `run` combines them.

mod args;
mod compare;
mod json;
mod machine;
mod memory;
mod plan;
mod readme;
mod run;
mod table;

pub use args::Args;
pub use memory::One;
pub use plan::Defaults;
pub use run::{Caller, run};
