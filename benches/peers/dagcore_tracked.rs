//! The library with a tracker that does almost nothing: the overhead of tracking.

use super::dagcore::{Built, Dagcore, Ran};
use super::peer::{Peer, Reach};
use crate::workload::Shape;
use dagcore::{Event, RunSnapshot, Tracker};
use std::hint::black_box;
use tokio::runtime::Runtime;

/// Counts the nodes that end.
#[derive(Default)]
struct Counting {
    ended: usize,
}

impl Tracker for Counting {
    fn event(&mut self, happened: &Event, _known: &RunSnapshot) {
        if let Event::Succeeded { .. } = happened {
            self.ended = black_box(self.ended + 1);
        }
    }
}

/// The library, with a tracker.
pub(super) struct DagcoreTracked;

impl Peer for DagcoreTracked {
    const NAME: &str = "dagcore-tracked";
    type Built = Built;
    type Ran = Ran;

    fn reach(shape: Shape) -> Reach {
        Dagcore::reach(shape)
    }

    fn build(shape: Shape, n: usize) -> Built {
        Dagcore::build(shape, n).tracked(Counting::default())
    }

    fn run(runtime: &Runtime, built: Built) -> Ran {
        Dagcore::run(runtime, built)
    }

    fn result(ran: &Ran) -> i64 {
        let tracked = &ran.report().trackers()[0];
        assert!(tracked.error().is_none() && !tracked.is_late(), "{tracked}");
        Dagcore::result(ran)
    }
}
