//! What a node needs to run, beside its inputs: a place among those of its stage, shares of pools, and its turn.

use std::time::Duration;

/// What the nodes of a stage need to run. `#[stage(concurrency = 4, pool(memory = 2), rate = "10/s")]` makes one.
#[derive(Clone, Copy, Default, Debug)]
#[must_use = "it limits nothing until a stage has it"]
pub struct Needs {
    pub(crate) concurrency: Option<u32>,
    pub(crate) pools: &'static [(&'static str, u32)],
    pub(crate) rate: Option<Rate>,
}

impl Needs {
    /// Nothing.
    pub const fn new() -> Self {
        Self { concurrency: None, pools: &[], rate: None }
    }

    /// No more of its nodes run at once.
    pub const fn concurrency(mut self, most: u32) -> Self {
        self.concurrency = Some(most);
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
        self.concurrency.is_none() && self.pools.is_empty() && self.rate.is_none()
    }
}

/// How often nodes of a stage may start: a number of starts per period of time, evenly spread, so that 10 starts per second
/// are one every 100 ms.
///
/// A [burst](Self::burst) lets a few start together, in the beginning and after a time in which none started.
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
    /// `times` starts per `period`. 0 starts count as 1; with a `period` of zero nothing is limited.
    pub const fn new(times: u32, period: Duration) -> Self {
        let times = if times == 0 { 1 } else { times };
        let nanos = period.as_nanos() / times as u128;
        let nanos = if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 };
        Self { interval: Duration::from_nanos(nanos), burst: 1 }
    }

    /// How many nodes may start together when none has started for `burst` intervals: 1 unless this
    /// says otherwise. 0 counts as 1.
    pub const fn burst(mut self, burst: u32) -> Self {
        self.burst = if burst == 0 { 1 } else { burst };
        self
    }

    /// The time from one start to the next, where they follow each other evenly: `period` divided by `times`.
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// How far ahead of an even pace the starts may be.
    pub(crate) fn ahead(&self) -> Duration {
        self.interval.saturating_mul(self.burst - 1)
    }
}
