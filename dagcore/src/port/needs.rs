//! The limits on running nodes: concurrency slots of the stage, permits of pools, and rates.

use std::time::Duration;

/// The limits of a stage. `#[stage(concurrency = 4, pool(memory = 2), rate = "10/s")]` generates one.
#[derive(Clone, Copy, Default, Debug)]
#[must_use = "limits do nothing until they are set on a stage"]
pub struct Needs {
    pub(crate) concurrency: Option<u32>,
    pub(crate) pools: &'static [(&'static str, u32)],
    pub(crate) rate: Option<Rate>,
}

impl Needs {
    /// Creates limits that restrict nothing.
    pub const fn new() -> Self {
        Self { concurrency: None, pools: &[], rate: None }
    }

    /// Limits how many nodes of the stage run at the same time.
    pub const fn concurrency(mut self, most: u32) -> Self {
        self.concurrency = Some(most);
        self
    }

    /// Sets how many permits of each pool a node holds while it runs.
    pub const fn pools(mut self, pools: &'static [(&'static str, u32)]) -> Self {
        self.pools = pools;
        self
    }

    /// Limits the rate at which nodes of the stage start.
    pub const fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Returns `true` if nothing is limited.
    pub(crate) fn is_none(&self) -> bool {
        self.concurrency.is_none() && self.pools.is_empty() && self.rate.is_none()
    }
}

/// A rate limit on the starts of nodes of a stage: a number of starts per period, evenly spaced. 10 starts per second
/// are one start every 100 ms.
///
/// A [burst](Self::burst) allows several nodes to start together, at the beginning and after an idle period.
///
/// ```
/// use dagcore::Rate;
/// use std::time::Duration;
///
/// let rate = Rate::new(10, Duration::from_secs(1)).burst(3);
/// assert_eq!(rate.interval(), Duration::from_millis(100));
/// ```
///
/// It implements the generic cell rate algorithm of ATM networks (ITU-T I.371), whose only state is one timestamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    interval: Duration,
    burst: u32,
}

impl Rate {
    /// Creates a rate of `times` starts per `period`. 0 starts are treated as 1; a `period` of zero limits nothing.
    pub const fn new(times: u32, period: Duration) -> Self {
        let times = if times == 0 { 1 } else { times };
        let nanos = period.as_nanos() / times as u128;
        let nanos = if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 };
        Self { interval: Duration::from_nanos(nanos), burst: 1 }
    }

    /// Sets how many nodes may start together when none has started for `burst` intervals. The default is 1; 0 is
    /// treated as 1.
    pub const fn burst(mut self, burst: u32) -> Self {
        self.burst = if burst == 0 { 1 } else { burst };
        self
    }

    /// Returns the interval between evenly spaced starts: `period` divided by `times`.
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// Returns how far ahead of an even pace the starts may be.
    pub(crate) fn ahead(&self) -> Duration {
        self.interval.saturating_mul(self.burst - 1)
    }
}
