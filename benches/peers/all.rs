//! The list of all peers, in the order of the tables.

use super::dagcore::Dagcore;
use super::dagcore_tracked::DagcoreTracked;
use super::dagrs::Dagrs;
use super::dagx::Dagx;
use super::peer::Contestant;
use super::raw_boxbatch::RawBoxbatch;
use super::raw_spawn::RawSpawn;
use super::rayon::Rayon;
use super::tokio::Tokio;

/// All peers.
pub const ALL: [Contestant; 8] = [
    Contestant::of::<Dagcore>(),
    Contestant::of::<RawBoxbatch>(),
    Contestant::of::<RawSpawn>(),
    Contestant::of::<Tokio>(),
    Contestant::of::<Rayon>(),
    Contestant::of::<Dagx>(),
    Contestant::of::<Dagrs>(),
    Contestant::of::<DagcoreTracked>(),
];

/// The default peers: all distinct implementations, without the tracked variant.
pub const USUAL: &[Contestant] = ALL.split_last().expect("the list is not empty").1;

/// Returns the peer with a name.
pub fn named(name: &str) -> Option<Contestant> {
    ALL.into_iter().find(|peer| peer.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Shape;
    use tokio::runtime::Runtime;

    #[test]
    fn every_peer_comes_to_the_right_result_at_all_that_it_can_do() {
        let runtime = Runtime::new().unwrap();
        for peer in ALL {
            for shape in Shape::ALL.into_iter().filter(|shape| (peer.reach)(*shape).can()) {
                for n in if shape == Shape::Compute { [1, 100] } else { [1, 300] } {
                    let sample = (peer.sample)(&runtime, shape, n); // it checks the result
                    assert!(sample.run > 0.0, "{}, {}", peer.name, shape.name());
                }
            }
        }
    }

    #[test]
    fn a_peer_is_found_by_its_name() {
        assert!(ALL.iter().all(|peer| named(peer.name).is_some_and(|found| found.name == peer.name)));
        assert!(named("adage").is_none());
    }
}
