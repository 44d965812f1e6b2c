//! Retries, backoff and timeouts of the attempts to run a node.

use crate::dag::NodeError;
use std::time::Duration;

/// A policy for the attempts to run a node: the number of retries, which failures are retried, the backoff between
/// attempts, and timeouts.
///
/// A policy can be set in three places: on the call, in the stage's attribute, and on the workflow. Each setting is
/// resolved separately: a call takes precedence over its stage, and a stage over the workflow.
///
/// | setting | meaning | default |
/// |---|---|---|
/// | [`retries`](Self::retries) | maximum number of retries after a failure | 0 |
/// | [`retry_if`](Self::retry_if) | which failures are retried | all: errors, panics and timeouts |
/// | [`backoff`](Self::backoff) | delays before the retries | [`Backoff::default`] |
/// | [`timeout`](Self::timeout) | maximum duration of one attempt | unlimited |
/// | [`deadline`](Self::deadline) | maximum duration of all attempts and delays, measured from the start of the first attempt | unlimited |
///
/// A node that has added other nodes while it ran is not retried: the added nodes depend on it and would be added
/// twice.
///
/// An attempt that exceeds its timeout fails immediately. The future of an async stage is dropped. A plain function
/// cannot be interrupted: it keeps its concurrency slot until it returns, and its output is dropped.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::{AttemptPolicy, Backoff};
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::time::Duration;
///
/// static CALLS: AtomicU32 = AtomicU32::new(0);
///
/// #[stage(retries = 3, backoff = Backoff::fixed(Duration::from_millis(5)), timeout = "2s")]
/// async fn fetch(url: &str) -> Result<String, String> {
///     match CALLS.fetch_add(1, Ordering::Relaxed) {
///         0 | 1 => Err("busy".to_owned()),
///         _ => Ok(format!("the page of {url}")),
///     }
/// }
///
/// let mut flow = Workflow::new("fetch").attempt_policy(AttemptPolicy::new().deadline(Duration::from_secs(60)));
/// let page = flow.add(fetch::new("a.example").timeout(Duration::from_secs(1)));
/// let report = flow.run_blocking()?;
/// assert_eq!(report.output(page)?, "the page of a.example");
/// assert_eq!(report.failed_attempts(page).len(), 2);
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, Copy, Default, Debug)]
#[must_use = "an attempt policy does nothing until it is set on a workflow"]
pub struct AttemptPolicy {
    pub(crate) retries: Option<u32>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) retry_if: Option<fn(&NodeError) -> bool>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
}

impl AttemptPolicy {
    /// Creates a policy without any settings.
    pub const fn new() -> Self {
        Self { retries: None, backoff: None, retry_if: None, timeout: None, deadline: None }
    }

    /// Sets the maximum number of retries after a failure; 0 disables retries.
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Sets the delays between attempts.
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// Sets a predicate that selects the failures to retry: those for which it returns `true`. It is evaluated while
    /// the run is locked. A predicate that panics counts as `false`.
    pub const fn retry_if(mut self, retry_if: fn(&NodeError) -> bool) -> Self {
        self.retry_if = Some(retry_if);
        self
    }

    /// Sets the maximum duration of one attempt.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the maximum duration of all attempts of a node together, including the delays between them. A node that is
    /// queued when its deadline passes fails when it is dequeued.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Returns this policy, with unset fields taken from `general`.
    pub(crate) fn or(self, general: Self) -> Self {
        Self {
            retries: self.retries.or(general.retries),
            backoff: self.backoff.or(general.backoff),
            retry_if: self.retry_if.or(general.retry_if),
            timeout: self.timeout.or(general.timeout),
            deadline: self.deadline.or(general.deadline),
        }
    }

    /// Returns `true` if the policy has neither retries nor time limits, so that the engine can ignore it.
    pub(crate) fn is_none(&self) -> bool {
        self.retries.is_none_or(|retries| retries == 0) && self.timeout.is_none() && self.deadline.is_none()
    }
}

/// The delays between the attempts to run a node.
///
/// The first delay is the configured one; each following delay is longer by a factor, up to a maximum. Jitter then
/// lengthens or shortens each delay, so that nodes that failed together are not all retried together. The jitter
/// depends only on the node and the attempt, so it is the same when a run is repeated.
///
/// | | first | factor | maximum | jitter |
/// |---|---|---|---|---|
/// | `Backoff::default()` | 100 ms | 2 | 30 s | 0.2 |
/// | [`Backoff::exponential`] | the argument | 2 | 30 s, or the first delay if that is longer | 0.2 |
/// | [`Backoff::fixed`] | the argument | 1 | 30 s, or the delay if that is longer | 0 |
///
/// ```
/// use dagcore::Backoff;
/// use std::time::Duration;
///
/// let backoff = Backoff::exponential(Duration::from_secs(1)).max_delay(Duration::from_secs(5)).jitter(0.0);
/// let delays: Vec<u64> = (1..=4).map(|attempt| backoff.delay(attempt, 0).as_secs()).collect();
/// assert_eq!(delays, [1, 2, 4, 5]);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Backoff {
    first: Duration,
    factor: f64,
    max_delay: Duration,
    jitter: f64,
}

impl Backoff {
    /// Creates an exponential backoff with a jitter of 20 %. The first delay is `first`, and each following delay is
    /// twice as long, up to 30 s, or up to `first` if that is longer.
    pub const fn exponential(first: Duration) -> Self {
        Self { first, factor: 2.0, max_delay: default_max_delay(first), jitter: 0.2 }
    }

    /// Creates a constant backoff without jitter.
    pub const fn fixed(delay: Duration) -> Self {
        Self { first: delay, factor: 1.0, max_delay: default_max_delay(delay), jitter: 0.0 }
    }

    /// Sets the factor between consecutive delays; 1 keeps them constant. Values below 1 and NaN are treated as 1.
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = if factor > 1.0 { factor } else { 1.0 };
        self
    }

    /// Sets the maximum delay, before jitter is applied.
    pub const fn max_delay(mut self, max_delay: Duration) -> Self {
        self.max_delay = max_delay;
        self
    }

    /// Sets the jitter: the maximum share of its length by which a delay is lengthened or shortened, from 0 (no jitter)
    /// to 1. Values outside this range are clamped; NaN is treated as 0.
    pub const fn jitter(mut self, share: f64) -> Self {
        self.jitter = if share > 1.0 {
            1.0
        } else if share > 0.0 {
            share
        } else {
            0.0
        };
        self
    }

    /// Returns the delay after the `attempt`-th attempt, counted from 1. `chance` is an arbitrary number that
    /// determines the jitter of this delay.
    pub fn delay(&self, attempt: u32, chance: u64) -> Duration {
        let before = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let most = self.max_delay.as_secs_f64();
        // Both factors are non-negative. A product that overflows is infinite, and is cut off here.
        let grown = if self.first.is_zero() { 0.0 } else { self.first.as_secs_f64() * self.factor.powi(before) };
        let delay = grown.min(most);
        let share = 2.0 * (chance >> 11) as f64 / (1_u64 << 53) as f64 - 1.0;
        Duration::try_from_secs_f64(delay * (1.0 + self.jitter * share)).unwrap_or(self.max_delay)
    }
}

/// 30 s, or the first delay if that is longer.
const fn default_max_delay(first: Duration) -> Duration {
    const USUAL: Duration = Duration::from_secs(30);
    if first.as_nanos() > USUAL.as_nanos() { first } else { USUAL }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::exponential(Duration::from_millis(100))
    }
}
