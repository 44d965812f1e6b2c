//! What is computed: the shapes, and the number each must come to.

/// Which shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A chain of N, each passing a number on.
    Chain,
    /// N nodes that have nothing to do with each other.
    Independent,
    /// One node, N that need it, one that sums them up.
    FanOut,
    /// Layers of 100, each node on three of the layer before.
    Layers,
    /// One node that says while it runs how many there are to be: N, and one that sums them up.
    Map,
    /// A chain of N, each counting down and each added when the one before has ended.
    Growth,
}

/// The width of a layer.
pub const LAYER: usize = 100;

impl Shape {
    /// All shapes, W1 to W6.
    pub const ALL: [Self; 6] = [Self::Chain, Self::Independent, Self::FanOut, Self::Layers, Self::Map, Self::Growth];

    /// The shape's short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chain => "W1-chain",
            Self::Independent => "W2-independent",
            Self::FanOut => "W3-fan-out",
            Self::Layers => "W4-layers",
            Self::Map => "W5-map",
            Self::Growth => "W6-growth",
        }
    }

    /// The number that a run over `n` nodes must come to.
    pub fn expected(self, n: usize) -> i64 {
        match self {
            Self::Chain => n as i64,
            Self::Independent => (0..n as i64).sum(),
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
            Self::Map => (0..n as i64).map(|i| i * 2).sum(),
            Self::Growth => (0..n as i64).sum(),
        }
    }
}

/// Keeps the sums of the layers small.
pub const MODULUS: i64 = 1_000_003;

/// The three nodes of the layer before that a node needs: scattered, and the same every time.
pub fn parents(layer: usize, place: usize) -> [usize; 3] {
    let mut seed = (layer * LAYER + place) as u64 ^ 0x9e37_79b9_7f4a_7c15;
    [0; 3].map(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % LAYER
    })
}
