//! Answers to "why does it not go on?" and "how far is it?": data with a `Display`.
//!
//! The machine fills these types in when a program queries them; no event does.

pub(super) mod explanation;
pub(super) mod kept_open;
pub(super) mod progress;
pub(super) mod unfired_rules;
