//! The workloads: the shapes, and the expected result of each.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// A workload.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shape {
    /// A chain of N, each passing a number on.
    Chain,
    /// N independent nodes.
    Independent,
    /// One node, N dependents, one node that sums them up.
    FanOut,
    /// Layers of 100, each node on three of the layer before.
    Layers,
    /// One node that returns a list of N, N nodes that map it, one node that sums them up.
    Map,
    /// A chain of N, each counting down and each added when the previous node has ended.
    Growth,
    /// N nodes that compute for a millisecond each.
    Compute,
    /// N pages, each linking to five others, most of which are already known: each is read once.
    Crawl,
    /// Groups of 100 nodes, N in all; a node for each group merges it as soon as nothing can be added to it.
    Groups,
    /// The chain of `Growth`, where each step registers the rule that adds the next.
    Rules,
}

/// The width of a layer.
pub const LAYER: usize = 100;

/// The number of nodes of a group.
pub const GROUP: usize = 100;

/// Sizes are multiples of this, so that layers and groups are full.
pub const STEP: usize = 100;

/// The duration of a node of `Compute`.
pub const COMPUTE: Duration = Duration::from_millis(1);

impl Shape {
    /// All shapes, W1 to W10.
    pub const ALL: [Self; 10] = [
        Self::Chain,
        Self::Independent,
        Self::FanOut,
        Self::Layers,
        Self::Map,
        Self::Growth,
        Self::Compute,
        Self::Crawl,
        Self::Groups,
        Self::Rules,
    ];

    /// The shape's short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chain => "W1-chain",
            Self::Independent => "W2-independent",
            Self::FanOut => "W3-fan-out",
            Self::Layers => "W4-layers",
            Self::Map => "W5-map",
            Self::Growth => "W6-growth",
            Self::Compute => "W7-compute",
            Self::Crawl => "W8-crawl",
            Self::Groups => "W9-groups",
            Self::Rules => "W10-rules",
        }
    }

    /// Returns the shape with a name or only its number: `W1-chain` or `W1`.
    pub fn named(name: &str) -> Option<Self> {
        let number = |shape: &Self| shape.name().split_once('-').is_some_and(|(number, _)| number == name);
        Self::ALL.into_iter().find(|shape| shape.name() == name || number(shape))
    }

    /// Returns the expected result of a run over `n` nodes.
    pub fn expected(self, n: usize) -> i64 {
        let all = 0..n as i64;
        match self {
            Self::Chain => n as i64,
            Self::Independent | Self::Growth | Self::Compute | Self::Rules => all.sum(),
            Self::FanOut => n as i64 * 2,
            Self::Layers => {
                let mut before = vec![1_i64; LAYER];
                for layer in 1..n / LAYER {
                    before = (0..LAYER)
                        .map(|place| {
                            parents(layer, place).iter().map(|parent| before[*parent]).fold(0, |a, b| (a + b) % MODULUS)
                        })
                        .collect();
                }
                before.iter().sum()
            }
            Self::Map => all.map(|i| i * 2).sum(),
            Self::Crawl => all.map(|number| Page::read(number, n as i64).worth()).sum(),
            Self::Groups => (0..(n / GROUP * GROUP) as i64).sum(),
        }
    }
}

/// Keeps the sums of the layers small.
pub const MODULUS: i64 = 1_000_003;

/// The three nodes of the previous layer that a node depends on: scattered, and the same every time.
pub fn parents(layer: usize, place: usize) -> [usize; 3] {
    let mut seed = (layer * LAYER + place) as u64 ^ 0x9e37_79b9_7f4a_7c15;
    [0; 3].map(|_| scattered(&mut seed) as usize % LAYER)
}

fn scattered(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// A page of the crawled web.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// The number of the page.
    pub number: i64,
    /// The number of pages.
    pub of: i64,
    /// The links of the page.
    pub links: [i64; 5],
}

impl Page {
    /// Reads a page: two of its links ensure that every page is found, three lead to arbitrary pages.
    pub fn read(number: i64, of: i64) -> Self {
        let mut seed = number as u64 ^ 0x9e37_79b9_7f4a_7c15;
        let mut anywhere = || (scattered(&mut seed) % of as u64) as i64;
        let links = [2 * number + 1, 2 * number + 2, -1, -1, -1];
        Self { number, of, links: links.map(|link| if (0..of).contains(&link) { link } else { anywhere() }) }
    }

    /// Returns the page's contribution to the result, which shows that it was read correctly.
    pub fn worth(&self) -> i64 {
        self.number + self.links.iter().sum::<i64>()
    }
}

/// Computes for a millisecond by the clock, and returns the number.
pub fn compute(n: i64) -> i64 {
    let start = Instant::now();
    while start.elapsed() < COMPUTE {
        (0..100).for_each(|step| {
            black_box(step);
        });
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_shape_is_found_by_its_name_and_by_its_number() {
        for shape in Shape::ALL {
            assert_eq!(Shape::named(shape.name()), Some(shape));
        }
        assert_eq!(Shape::named("W1"), Some(Shape::Chain));
        assert_eq!(Shape::named("W10"), Some(Shape::Rules));
        assert_eq!(Shape::named("W"), None);
        assert_eq!(Shape::named("W11"), None);
    }

    #[test]
    fn every_page_can_be_reached_and_most_links_lead_to_what_is_known() {
        let (of, mut seen, mut todo, mut links) = (1_000, BTreeSet::from([0]), vec![0], 0);
        while let Some(number) = todo.pop() {
            for link in Page::read(number, of).links {
                links += 1;
                if seen.insert(link) {
                    todo.push(link);
                }
            }
        }
        assert_eq!((seen.len(), links), (1_000, 5_000));
    }
}
