//! Values that all other parts of `dag` use: ids, keys, states, errors, and escaping of untrusted text.
//!
//! Nothing here depends on the graph, the rules or the machine.

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
