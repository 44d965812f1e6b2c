//! State transitions of events. Entered only through [`Machine::apply`](super::Machine::apply), after the event has
//! passed the checks.

pub(super) mod cancellation;
pub(super) mod group_rules;
pub(super) mod insertion;
pub(super) mod node_events;
pub(super) mod output_release;
pub(super) mod rule_events;
