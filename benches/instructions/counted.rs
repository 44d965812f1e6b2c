//! The counted functions: the build of a workflow, and its run including the drop of the result.
//!
//! Callgrind counts from the entry of one of these functions to its return, so they must stay functions.

use crate::Shape;
use crate::peers::dagcore::Dagcore;
use crate::peers::peer::Peer;
use tokio::runtime::{Builder, Runtime};

/// The function that callgrind counts for the build.
pub const BUILD: &[&str] = &["*counted::build"];
/// The function that callgrind counts for the run.
pub const RUN: &[&str] = &["*counted::run", "*counted::leave"];

/// Builds and runs a shape once, counted if callgrind watches.
///
/// # Panics
///
/// If the result is wrong.
pub fn once(shape: Shape, n: usize) {
    let runtime = steady_runtime();
    // A first run performs the one-time initialisation.
    let ran = Dagcore::run(&runtime, Dagcore::build(shape, 100));
    assert_eq!(Dagcore::result(&ran), shape.expected(100));

    let ran = run(&runtime, build(shape, n));
    assert_eq!(Dagcore::result(&ran), shape.expected(n), "{} of {n}", shape.name());
    leave(ran);
}

/// A runtime with one thread and a paused clock. The number of nodes that a worker takes at once depends on their
/// duration, which is fifty times as long under callgrind; with a paused clock every node takes no time.
fn steady_runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime starts")
}

#[inline(never)]
fn build(shape: Shape, n: usize) -> <Dagcore as Peer>::Built {
    Dagcore::build(shape, n)
}

#[inline(never)]
fn run(runtime: &Runtime, built: <Dagcore as Peer>::Built) -> <Dagcore as Peer>::Ran {
    Dagcore::run(runtime, built)
}

#[inline(never)]
fn leave(ran: <Dagcore as Peer>::Ran) {
    drop(ran);
}
