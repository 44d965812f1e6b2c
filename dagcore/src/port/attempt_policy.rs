//! What is asked of the attempts to run a node.

use crate::dag::NodeError;
use std::time::Duration;

/// What is asked of the attempts to run a node: how many there are, which failures are tried again, the delays between
/// them, and how long they may take.
///
/// It is said in three places, each thing by itself: by the call, by the stage's attribute, and by the workflow. What a call
/// says counts more than what its stage says, and that more than what the workflow says.
///
/// | | says | without it |
/// |---|---|---|
/// | [`retries`](Self::retries) | how often a node is tried again after a failure | 0 |
/// | [`retry_if`](Self::retry_if) | which failures are tried again | all: errors, panics, and attempts that took too long |
/// | [`backoff`](Self::backoff) | the delays before these | [`Backoff::default`] |
/// | [`timeout`](Self::timeout) | how long an attempt may take | any time |
/// | [`deadline`](Self::deadline) | how long all attempts together may take, with the delays, from the beginning of the first | any time |
///
/// A node that has added something while it ran is not tried again: what it added needs it, and would be added twice.
///
/// What takes too long fails at once. The future of an async stage is dropped. A plain function cannot be stopped: what it
/// gives in the end is dropped, and until then it has its place among those that run at once.
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
#[must_use = "it is asked of nobody until it is given to a workflow"]
pub struct AttemptPolicy {
    pub(crate) retries: Option<u32>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) retry_if: Option<fn(&NodeError) -> bool>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
}

impl AttemptPolicy {
    /// Nothing is asked.
    pub const fn new() -> Self {
        Self { retries: None, backoff: None, retry_if: None, timeout: None, deadline: None }
    }

    /// A node is tried again so often after a failure; 0 for not at all.
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = Some(retries);
        self
    }

    /// So long are the delays between the attempts.
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// Those failures are tried again for which this is true. It is asked while the run stands still; one
    /// that panics says no.
    pub const fn retry_if(mut self, retry_if: fn(&NodeError) -> bool) -> Self {
        self.retry_if = Some(retry_if);
        self
    }

    /// So long may an attempt take.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// So long may all attempts at a node take together, with the delays. A node that waits for its turn when its deadline
    /// passes fails when the turn comes.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// What is said here, and else what `general` says.
    pub(crate) fn or(self, general: Self) -> Self {
        Self {
            retries: self.retries.or(general.retries),
            backoff: self.backoff.or(general.backoff),
            retry_if: self.retry_if.or(general.retry_if),
            timeout: self.timeout.or(general.timeout),
            deadline: self.deadline.or(general.deadline),
        }
    }

    /// Whether it asks for nothing that has to be seen to.
    pub(crate) fn is_none(&self) -> bool {
        self.retries.is_none_or(|retries| retries == 0) && self.timeout.is_none() && self.deadline.is_none()
    }
}

/// How long the delays between the attempts to run a node are.
///
/// The first delay is as long as it was made with; each one after it is longer by a factor, up to a maximum. Each
/// is then made longer or shorter by chance, so that many nodes that failed together do not all try again together: by
/// a share that depends on the node and the attempt only, and so is the same when a run is repeated.
///
/// | | first | factor | maximum | jitter |
/// |---|---|---|---|---|
/// | `Backoff::default()` | 100 ms | 2 | 30 s | 0.2 |
/// | [`Backoff::exponential`] | as given | 2 | 30 s, or the first if that is longer | 0.2 |
/// | [`Backoff::fixed`] | as given | 1 | the same | 0 |
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
    /// The delays grow: the first is so long, each one after it twice as long, up to 30 s; 20 % longer or shorter by
    /// chance.
    pub const fn exponential(first: Duration) -> Self {
        Self { first, factor: 2.0, max_delay: default_max_delay(first), jitter: 0.2 }
    }

    /// Each delay is so long.
    pub const fn fixed(delay: Duration) -> Self {
        Self { first: delay, factor: 1.0, max_delay: default_max_delay(delay), jitter: 0.0 }
    }

    /// How much longer each delay is than the one before: 1 for not at all. Less than 1, or no number, counts as 1.
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = if factor > 1.0 { factor } else { 1.0 };
        self
    }

    /// No delay is longer than this, before chance makes it longer or shorter.
    pub const fn max_delay(mut self, max_delay: Duration) -> Self {
        self.max_delay = max_delay;
        self
    }

    /// By which share of its length a delay is made longer or shorter at the most: from 0, not at all, to 1. What is
    /// beyond counts as the nearer of the two; no number counts as 0.
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

    /// The delay after the `attempt`-th attempt, counted from one. `chance` is any number: it decides how much longer or
    /// shorter this one is.
    pub fn delay(&self, attempt: u32, chance: u64) -> Duration {
        let before = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let most = self.max_delay.as_secs_f64();
        // A product of numbers that are not negative; a sum or product that is too large is infinite, and cut here.
        let grown = if self.first.is_zero() { 0.0 } else { self.first.as_secs_f64() * self.factor.powi(before) };
        let delay = grown.min(most);
        let share = 2.0 * (chance >> 11) as f64 / (1_u64 << 53) as f64 - 1.0;
        Duration::try_from_secs_f64(delay * (1.0 + self.jitter * share)).unwrap_or(self.max_delay)
    }
}

/// Half a minute, unless the first delay is longer.
const fn default_max_delay(first: Duration) -> Duration {
    const USUAL: Duration = Duration::from_secs(30);
    if first.as_nanos() > USUAL.as_nanos() { first } else { USUAL }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::exponential(Duration::from_millis(100))
    }
}
