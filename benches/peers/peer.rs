//! What it takes to be compared: a workload is built, run, and its result looked at.

use crate::workload::Shape;
use std::time::Instant;
use tokio::runtime::Runtime;

/// One way of running the workloads.
pub trait Peer {
    /// Its name in the tables.
    const NAME: &'static str;

    /// What is there before the run.
    type Built;

    /// What the run leaves. Its dropping is timed as part of the run.
    type Ran;

    /// What it can do.
    fn reach(shape: Shape) -> Reach;

    /// Makes all that is known before the run.
    fn build(shape: Shape, n: usize) -> Self::Built;

    /// Runs it.
    fn run(runtime: &Runtime, built: Self::Built) -> Self::Ran;

    /// The number that the run came to.
    fn result(ran: &Self::Ran) -> i64;
}

/// How far a peer gets with a shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// It has no honest way to write this.
    None,
    /// To this size in reasonable time.
    To(usize),
    /// To a million nodes and more.
    All,
}

impl Reach {
    /// Whether it can do this at all.
    pub fn can(self) -> bool {
        self != Self::None
    }

    /// Whether it can do so many nodes in reasonable time.
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
    /// What it can do.
    pub reach: fn(Shape) -> Reach,
    /// Builds, runs and checks once.
    pub sample: fn(&Runtime, Shape, usize) -> Sample,
}

/// What one run took, in nanoseconds per node.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// To build it.
    pub build: f64,
    /// To run it, and to drop what it left.
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
/// When the result is wrong.
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

    /// Comes to nothing at all, whatever it is asked.
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
