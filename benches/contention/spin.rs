//! Work of a given length, done by computing instead of by reading the clock: a preempted thread makes no progress,
//! which is correct when there are more threads than cores.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Computes a number of rounds.
#[inline]
pub(super) fn spin(rounds: u32) {
    let mut number = u64::from(rounds);
    for _ in 0..rounds {
        number = black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}

/// Returns the number of rounds that take `length` on an idle core.
pub(super) fn rounds(length: Duration) -> u32 {
    static PER_MICROSECOND: OnceLock<f64> = OnceLock::new();
    let per_microsecond = *PER_MICROSECOND.get_or_init(|| {
        const MANY: u32 = 50_000;
        let best = (0..200).map(|_| timed(MANY)).min().unwrap_or_default();
        f64::from(MANY) / best.as_secs_f64() / 1e6
    });
    (length.as_secs_f64() * 1e6 * per_microsecond).round() as u32
}

fn timed(rounds: u32) -> Duration {
    let start = Instant::now();
    spin(rounds);
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_as_long_as_it_is_said_to_or_longer() {
        let length = Duration::from_millis(2);
        let best = (0..20).map(|_| timed(rounds(length))).min().unwrap();
        assert!(best > length / 2, "{best:?}");
        assert_eq!(rounds(Duration::ZERO), 0);
    }
}
