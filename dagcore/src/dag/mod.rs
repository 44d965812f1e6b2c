//! The pure house: everything that is true of a run, and nothing else.
//!
//! The engine drives it, the typed layer reads it. It knows no tokio, no clock, no input or output, and it
//! never panics on what it is told: time is an argument, and all that can happen is one [`Event`].

mod adds;
mod closing;
mod event;
mod failure;
mod graph;
mod id;
mod lineage;
mod machine;
mod order;
mod output;
mod rest;
mod rule;
mod text;
mod watch;

pub use adds::{Addition, Adds};
pub use event::{Additions, Edge, Event, Label, Need, NewNode, Reads};
pub(crate) use failure::quietly;
pub use failure::{Cause, NodeError, RuleError};
pub use graph::{Graph, NodeState, Place, StageInfo};
pub use id::{FiringId, NodeId, RuleId, StageId, Time};
pub use machine::{Due, Machine, Refused};
pub use output::{Outputs, Value};
pub use rule::{Binding, Condition, Each, RuleSpec, Unfired};
pub use text::{Name, Plain};
