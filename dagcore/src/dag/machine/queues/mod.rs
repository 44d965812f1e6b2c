//! Queues derived from the state: nodes that can start, and rule bodies to run.
//!
//! An entry is a hint. Dequeuing checks that it still holds.

pub(super) mod choices;
pub(super) mod critical_path;
pub(super) mod due_firings;
pub(super) mod ranked_nodes;
pub(super) mod ready_nodes;
pub(super) mod start_order;
