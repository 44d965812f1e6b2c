//! Runtimes of several sizes that alternate, sample by sample, so that a slow phase of the machine affects all of them.

use super::loads::Load;
use super::wanted::Wanted;
use crate::took::Took;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// Runtimes with different numbers of worker threads.
pub(super) struct Runtimes(Vec<(usize, Runtime)>);

/// The minimum number of samples.
const LEAST: usize = 3;

impl Runtimes {
    /// # Errors
    ///
    /// If the system cannot start that many threads.
    pub(super) fn start(workers: &[usize]) -> Result<Self, String> {
        let start = |workers: &usize| {
            let runtime = Builder::new_multi_thread().worker_threads(*workers).enable_time().build();
            runtime.map(|runtime| (*workers, runtime)).map_err(|e| e.to_string())
        };
        workers.iter().map(start).collect::<Result<_, _>>().map(Self)
    }

    /// The number of workers of each runtime.
    pub(super) fn workers(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|(workers, _)| *workers)
    }

    /// Alternates the runtimes on a load: each for this time, and at least three times. Returns the measured durations.
    pub(super) fn take_turns(&self, time: Duration, load: impl Fn() -> Load) -> Vec<Taken> {
        self.take_turns_with(time, load, || ()).0
    }

    /// Alternates the runtimes and another function on a load. Returns the durations of both.
    pub(super) fn take_turns_with(
        &self,
        time: Duration,
        load: impl Fn() -> Load,
        other: impl Fn(),
    ) -> (Vec<Taken>, Took) {
        let mut samples = vec![Samples::default(); self.0.len()];
        let mut others = Vec::new();
        let until = Instant::now() + time * self.0.len() as u32;
        while others.len() < LEAST || Instant::now() < until {
            let start = Instant::now();
            other();
            others.push(start.elapsed().as_secs_f64());
            for ((_, runtime), samples) in self.0.iter().zip(&mut samples) {
                let (load, before) = (load(), Wanted::now());
                samples.seconds.push(load.run(runtime).as_secs_f64());
                samples.wanted += Wanted::now().since(&before).as_secs_f64();
            }
        }
        (samples.into_iter().map(Samples::sum_up).collect(), Took::of(others))
    }
}

/// The duration of a cell, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) took: Took,
    /// The share of the cores' time in which no thread of the process wanted a core. With more workers than cores the
    /// actual share may be higher, because several threads may want the same core.
    pub(super) idle: f64,
}

#[derive(Clone, Default)]
struct Samples {
    seconds: Vec<f64>,
    wanted: f64,
}

impl Samples {
    fn sum_up(self) -> Taken {
        let all = self.seconds.iter().sum::<f64>() * at_once(usize::MAX) as f64;
        Taken { took: Took::of(self.seconds), idle: (1.0 - self.wanted / all).clamp(0.0, 1.0) }
    }
}

/// Returns how many of the workers can run concurrently.
pub(super) fn at_once(workers: usize) -> usize {
    workers.min(std::thread::available_parallelism().map_or(1, usize::from))
}
