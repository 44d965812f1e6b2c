//! The time in which the threads of this process ran or waited for a core, to compute the idle share of the cores
//! independently of other processes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

/// The time for which each thread of this process has run, or waited for a core that another thread occupied. Empty if
/// the system does not report it.
pub(super) struct Wanted(BTreeMap<OsString, Duration>);

impl Wanted {
    pub(super) fn now() -> Self {
        let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let of = |task: fs::DirEntry| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            Some((task.file_name(), of_thread(&text)?))
        };
        Self(tasks.filter_map(of).collect())
    }

    /// The total since an earlier measurement. Threads that have ended since then are counted as idle.
    pub(super) fn since(&self, before: &Self) -> Duration {
        let of = |(thread, now): (&OsString, &Duration)| {
            now.saturating_sub(before.0.get(thread).copied().unwrap_or_default())
        };
        self.0.iter().map(of).sum()
    }
}

/// The nanoseconds on a core and the nanoseconds of waiting for one are the first two numbers.
fn of_thread(text: &str) -> Option<Duration> {
    let mut numbers = text.split_whitespace().map_while(|number| number.parse().ok());
    Some(Duration::from_nanos(numbers.next()?) + Duration::from_nanos(numbers.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contention::spin::{rounds, spin};

    #[test]
    fn time_on_a_core_and_time_waiting_for_one_are_added() {
        assert_eq!(of_thread("1000000 2000 17\n"), Some(Duration::from_nanos(1_002_000)));
        assert_eq!(of_thread(""), None);
    }

    #[test]
    fn new_threads_count_from_their_beginning_and_those_that_ended_not_at_all() {
        let wanted = |threads: &[(&str, u64)]| {
            Wanted(threads.iter().map(|(name, millis)| (name.into(), Duration::from_millis(*millis))).collect())
        };
        let after = wanted(&[("2", 50), ("3", 7)]);
        assert_eq!(after.since(&wanted(&[("1", 1_000), ("2", 30)])), Duration::from_millis(27));
    }

    #[test]
    fn who_computes_wants_a_core() {
        let before = Wanted::now();
        spin(rounds(Duration::from_millis(50)));
        if cfg!(target_os = "linux") {
            assert!(Wanted::now().since(&before) >= Duration::from_millis(20));
        }
    }
}
