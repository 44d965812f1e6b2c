//! What a node needs to run, beside its inputs: a place among those of its stage, shares of pools, and its turn.

use std::time::Duration;

/// What the nodes of a stage need to run. `#[stage(limit = 4, pool(memory = 2), rate = "10/s")]` makes one.
#[derive(Clone, Copy, Default, Debug)]
#[must_use = "it limits nothing until a stage has it"]
pub struct Needs {
    pub(crate) limit: Option<u32>,
    pub(crate) pools: &'static [(&'static str, u32)],
    pub(crate) rate: Option<Rate>,
}

impl Needs {
    /// Nothing.
    pub const fn new() -> Self {
        Self { limit: None, pools: &[], rate: None }
    }

    /// No more of its nodes run at once.
    pub const fn limit(mut self, most: u32) -> Self {
        self.limit = Some(most);
        self
    }

    /// So much of each of these pools.
    pub const fn pools(mut self, pools: &'static [(&'static str, u32)]) -> Self {
        self.pools = pools;
        self
    }

    /// Its nodes start no faster than this.
    pub const fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Whether it is nothing.
    pub(crate) fn is_none(&self) -> bool {
        self.limit.is_none() && self.pools.is_empty() && self.rate.is_none()
    }
}

/// How fast something may happen: so many times in so long, evenly spread, but for a few at the beginning or after a pause.
///
/// ```
/// use dagcore::Rate;
/// use std::time::Duration;
///
/// let rate = Rate::new(10, Duration::from_secs(1)).burst(3);
/// assert_eq!(rate.interval(), Duration::from_millis(100));
/// ```
///
/// It is the generic cell rate algorithm of ATM networks (ITU-T I.371), which needs one moment to be remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    interval: Duration,
    burst: u32,
}

impl Rate {
    /// So many times in so long; none counts as once.
    pub const fn new(times: u32, per: Duration) -> Self {
        let times = if times == 0 { 1 } else { times };
        let nanos = per.as_nanos() / times as u128;
        let nanos = if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 };
        Self { interval: Duration::from_nanos(nanos), burst: 1 }
    }

    /// So many may happen together when nothing has happened for long enough: 1 unless this says otherwise, and at least 1.
    pub const fn burst(mut self, burst: u32) -> Self {
        self.burst = if burst == 0 { 1 } else { burst };
        self
    }

    /// The time from one to the next, where they follow each other evenly.
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// How far ahead of an even pace they may be.
    pub(crate) fn ahead(&self) -> Duration {
        self.interval.saturating_mul(self.burst - 1)
    }
}
