//! Queries on a machine. They do not change it.

pub(super) mod lookups;
pub(super) mod node_explanation;
pub(super) mod open_because;
pub(super) mod progress;
pub(super) mod rule_explanation;
