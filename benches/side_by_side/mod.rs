//! `side-by-side`: the peers take turns at the workloads, and what they took is shown.
//!
//! `args` says what is asked for, `plan` who does what, `compare` lets them take turns, `memory` asks a process of
//! its own; `table`, `json` and `readme` show it; `run` puts them together.

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
