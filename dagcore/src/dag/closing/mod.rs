//! Closing of stages: the decision that no further node of a stage can appear, in the whole run and below single nodes.
//!
//! `open_stages` and `groups` keep counters of the sources of each stage, so that an event costs O(1); `strata` decides
//! which stages close together when the run is quiescent.

pub(super) mod groups;
pub(super) mod open_stages;
pub(super) mod strata;
