//! Which ready node starts next, and which failures a run tolerates.

pub(super) mod start_order;
pub(super) mod tolerance;
