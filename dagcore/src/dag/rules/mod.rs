//! Rules: their specifications, the table of registered rules, and the subscriptions through which a change of a node,
//! a stage or a name reaches the rules that wait for it.

pub(super) mod node_subscriptions;
pub(super) mod output_readers;
pub(super) mod predicate_reads;
pub(super) mod rule_spec;
pub(super) mod rule_table;
pub(super) mod subscriptions;
