//! Conditions that delay the start of a ready node: permits of limits and pools, rates, approvals, retries and
//! timeouts.

pub(crate) mod approval_gate;
pub(crate) mod attempt_timers;
pub(crate) mod fail_fast;
pub(crate) mod permits;
