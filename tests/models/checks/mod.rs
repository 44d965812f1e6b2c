//! The scenarios, what is checked in each, and that the checks find faults that are put in on purpose.

mod explore;
mod handing_over;
mod log;
mod model;
mod sabotage;
mod taking;
