//! x
pub mod dag;
