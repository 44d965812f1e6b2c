//! The interface of a peer: a workload is built and run, and its result is checked.

use crate::workload::Shape;
use std::time::Instant;
use tokio::runtime::Runtime;

/// An implementation of the workloads.
pub trait Peer {
    /// Its name in the tables.
    const NAME: &'static str;

    /// The workload as built before the run.
    type Built;

    /// The result of the run. Its drop is timed as part of the run.
    type Ran;

    /// The supported sizes of each shape.
    fn reach(shape: Shape) -> Reach;

    /// Builds everything that is known before the run.
    fn build(shape: Shape, n: usize) -> Self::Built;

    /// Runs it.
    fn run(runtime: &Runtime, built: Self::Built) -> Self::Ran;

    /// Returns the result of the run.
    fn result(ran: &Self::Ran) -> i64;
}

/// The sizes of a shape that a peer supports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// The peer does not support the shape.
    None,
    /// Up to this size in reasonable time.
    To(usize),
    /// To a million nodes and more.
    All,
}

impl Reach {
    /// Returns `true` if the shape is supported.
    pub fn can(self) -> bool {
        self != Self::None
    }

    /// Returns `true` if `n` nodes run in reasonable time.
    pub fn to(self, n: usize) -> bool {
        match self {
            Self::None => false,
            Self::To(most) => n <= most,
            Self::All => true,
        }
    }
}

/// A peer as an entry of a table.
#[derive(Clone, Copy)]
pub struct Contestant {
    /// Its name.
    pub name: &'static str,
    /// The supported sizes of each shape.
    pub reach: fn(Shape) -> Reach,
    /// Builds, runs and checks once.
    pub sample: fn(&Runtime, Shape, usize) -> Sample,
}

/// The duration of one run, in nanoseconds per node.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// To build it.
    pub build: f64,
    /// To run it, and to drop its result.
    pub run: f64,
}

impl Contestant {
    /// The entry of a peer.
    pub const fn of<P: Peer>() -> Self {
        Self { name: P::NAME, reach: P::reach, sample: sample::<P> }
    }
}

/// Builds, runs and checks once.
///
/// # Panics
///
/// If the result is wrong.
fn sample<P: Peer>(runtime: &Runtime, shape: Shape, n: usize) -> Sample {
    let start = Instant::now();
    let built = P::build(shape, n);
    let build = start.elapsed();
    let start = Instant::now();
    let ran = P::run(runtime, built);
    let mut run = start.elapsed();
    assert_eq!(P::result(&ran), shape.expected(n), "{}, {} of {n}", P::NAME, shape.name());
    let start = Instant::now();
    drop(ran);
    run += start.elapsed();
    let per_node = |time: std::time::Duration| time.as_nanos() as f64 / n as f64;
    Sample { build: per_node(build), run: per_node(run) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Always returns a wrong result.
    struct Idle;

    impl Peer for Idle {
        const NAME: &str = "idle";
        type Built = ();
        type Ran = ();

        fn reach(_: Shape) -> Reach {
            Reach::All
        }

        fn build(_: Shape, _: usize) {}

        fn run(_: &Runtime, (): ()) {}

        fn result((): &()) -> i64 {
            0
        }
    }

    #[test]
    #[should_panic(expected = "idle, W1-chain of 100")]
    fn a_wrong_result_is_a_panic() {
        (Contestant::of::<Idle>().sample)(&Runtime::new().unwrap(), Shape::Chain, 100);
    }

    #[test]
    fn a_peer_may_do_what_it_reaches() {
        assert!(Reach::To(100).can() && Reach::To(100).to(100) && !Reach::To(100).to(101));
        assert!(!Reach::None.can() && !Reach::None.to(1));
        assert!(Reach::All.can() && Reach::All.to(usize::MAX));
    }
}
