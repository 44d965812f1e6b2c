//! Validates events: each is checked against the state before it changes anything.

pub(super) mod additions;
pub(super) mod events;
pub(super) mod growth_limits;
pub(super) mod outside_additions;
pub(super) mod refused;
