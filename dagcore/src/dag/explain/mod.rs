//! Explanations and progress of a run: why it does not continue, and how much of it is done, as data with a `Display`.
//!
//! The machine fills these types when a program queries them, never on an event.

pub(super) mod explanation;
pub(super) mod kept_open;
pub(super) mod progress;
pub(super) mod unfired_rules;
