//! When no further node of a stage can appear, in the whole run and below single nodes.
//!
//! `open_stages` and `groups` keep counters of what can still lead to a node of a stage, so that an event costs O(1); `strata`
//! decides which stages close together when the run is at rest.

pub(super) mod groups;
pub(super) mod open_stages;
pub(super) mod strata;
