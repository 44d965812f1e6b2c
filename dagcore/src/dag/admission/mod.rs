//! Admission: the order in which ready nodes start, and the failures that a run tolerates.

pub(super) mod start_order;
pub(super) mod tolerance;
