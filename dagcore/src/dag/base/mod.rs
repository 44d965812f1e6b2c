//! Values that every other part of `dag` uses: ids, keys, states, errors, and text that may be hostile.
//!
//! Nothing here knows a graph, a rule or a run.

pub(super) mod declared_additions;
pub(super) mod errors;
pub(super) mod escaping;
pub(super) mod fingerprints;
pub(super) mod first_few;
pub(super) mod growth_limits;
pub(super) mod ids;
pub(super) mod keys;
pub(super) mod node_state;
pub(super) mod priority;
pub(super) mod stage_info;
