//! Cancelling against taking.
