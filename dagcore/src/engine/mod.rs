//! The loop around the machine: workers that drive it themselves.
//!
//! A worker takes ready nodes out of the shared [`state`], runs them, and hands them in again in the same short
//! critical section in which it takes the next ones. There is no scheduler to wake.
//!
//! Whoever hands in calls as many [workers](crew) as what is ready is [worth](help), and goes when others suffice. What a
//! worker has taken and not begun lies on its [deck], where who has nothing to do helps himself. Somebody [looks](look)
//! again after a millisecond, in case a worker is stuck. Who holds a deck's lock takes no other; the state comes first.
//!
//! A run whose plan says who chooses has no workers: [`scripted`] does the same step by step.

mod adders;
mod adding;
mod admit;
mod alarm;
mod attempts;
mod busy;
mod clock;
mod crew;
mod deciding;
mod deck;
mod drive;
mod feed;
mod gate;
mod growing;
mod hands;
mod helm;
mod help;
mod idle;
mod inside;
mod job;
mod judge;
mod later;
mod let_go;
mod locked_calls;
mod locking;
mod look;
mod needing;
mod noting;
mod outside;
mod own_threads;
mod program;
mod recalling;
mod resources;
mod run;
mod running;
mod scripted;
mod settings;
mod shared;
mod start_barrier;
mod state;
mod sync;
mod taking;
mod timekeeper;
mod told;
mod trying;
mod watching;

pub(crate) use adders::is_adding_to_any;
pub(crate) use feed::Following;
pub use feed::Update;
#[cfg(feature = "signal")]
pub(crate) use helm::Helm;
pub(crate) use program::Program;
pub(crate) use run::{Going, Plan};
pub(crate) use settings::Settings;
