//! What follows from the state and is kept in queues: nodes that can start, and rule bodies that are to be run.
//!
//! An entry of a queue is a hint. Taking one checks that it still holds.

pub(super) mod choices;
pub(super) mod critical_path;
pub(super) mod due_firings;
pub(super) mod ranked_nodes;
pub(super) mod ready_nodes;
pub(super) mod start_order;
