//! The scenarios, the checks of each, and tests that the checks detect deliberate faults.

mod explore;
mod handing_over;
mod log;
mod model;
mod sabotage;
mod taking;
