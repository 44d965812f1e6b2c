//! Runs in virtual time whose choices are made by a seed or a schedule.

use super::dice::Dice;
use super::schedule::Schedule;
use crate::engine::Plan;
use crate::error::{Error, ScheduleError};
use crate::report::Report;
use crate::workflow::Workflow;
use parking_lot::Mutex;
use std::future::Future;
use std::io;
use std::sync::Arc;
use tokio::runtime::{Builder, Handle};

/// Runs a workflow in virtual time; `seed` decides everything that is otherwise nondeterministic.
///
/// Uses a runtime of its own, and can be called from anywhere. See [`testing`](super) for what a seed decides.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::testing;
/// # use std::time::Duration;
/// #[stage]
/// async fn nap(hours: u64) -> u64 {
///     tokio::time::sleep(Duration::from_secs(hours * 3_600)).await;
///     hours
/// }
///
/// let mut flow = Workflow::new("long");
/// let first = flow.add(nap::new(5_u64));
/// flow.add(nap::new(first));
/// assert_eq!(testing::seeded(flow, 0)?.duration(), Duration::from_secs(10 * 3_600));
/// # Ok::<(), dagcore::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`Workflow::run`]. Also [`Error::Failed`] if the run would wait for ever: the report lists the waiting
/// nodes.
pub fn seeded(flow: Workflow, seed: u64) -> Result<Report, Error> {
    recorded(flow, seed).0
}

/// Runs a workflow like [`seeded`], and also returns the choices that were made, even if the run failed.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::testing;
/// # #[stage]
/// # fn one() -> u32 {
/// #     1
/// # }
/// # fn program() -> Workflow {
/// #     let mut flow = Workflow::new("two");
/// #     flow.add(one::new());
/// #     flow.add(one::new());
/// #     flow
/// # }
/// let (report, schedule) = testing::recorded(program(), 17);
/// let again = testing::replay(program(), &schedule)?;
/// assert_eq!(testing::graph_of(&report?), testing::graph_of(&again));
/// # Ok::<(), dagcore::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`seeded`].
pub fn recorded(flow: Workflow, seed: u64) -> (Result<Report, Error>, Schedule) {
    match flow.plan() {
        Ok(plan) => play(plan, seed),
        Err(error) => (Err(error.into()), Schedule { seed: Some(seed), choices: Vec::new() }),
    }
}

pub(super) fn play(plan: Plan, seed: u64) -> (Result<Report, Error>, Schedule) {
    let mut dice = Dice::new(seed);
    let choices: Arc<Mutex<Vec<usize>>> = Arc::default();
    let made = Arc::clone(&choices);
    let report = drive(plan, move |possible| {
        let choice = dice.choose(possible);
        made.lock().push(choice);
        Some(choice)
    });
    let choices = std::mem::take(&mut *choices.lock());
    (report, Schedule { seed: Some(seed), choices })
}

/// Runs a workflow in virtual time with the choices of a schedule.
///
/// # Errors
///
/// Those of [`seeded`]; and [`Error::Schedule`] if the schedule does not fit the program: it contains a choice that is
/// not possible, or the run has more or fewer choices. The run is stopped at that step.
pub fn replay(flow: Workflow, schedule: &Schedule) -> Result<Report, Error> {
    let choices = schedule.choices.clone();
    let left = choices.len();
    let script = Arc::new(Mutex::new(Script { choices, made: 0, wrong: None }));
    let own = Arc::clone(&script);
    let report = drive(flow.plan()?, move |possible| own.lock().choose(possible.iter().sum()));
    let mut script = script.lock();
    if let Some(wrong) = script.wrong.take() {
        return Err(wrong.into());
    }
    match report {
        Ok(_) | Err(Error::Failed(_)) if script.made < left => {
            let problem = format!("comes after the end of the run: {left} choices are too many");
            Err(ScheduleError { step: script.made + 1, problem }.into())
        }
        report => report,
    }
}

struct Script {
    choices: Vec<usize>,
    made: usize,
    wrong: Option<ScheduleError>,
}

impl Script {
    fn choose(&mut self, possible: usize) -> Option<usize> {
        let choice = self.choices.get(self.made).copied();
        self.made += 1;
        let problem = match choice {
            Some(choice) if choice < possible => return Some(choice),
            Some(choice) => {
                format!("chooses the possibility {choice}, and there are {possible}: it belongs to another program")
            }
            None => format!("is missing: the run continues, with {possible} possibilities"),
        };
        self.wrong = Some(ScheduleError { step: self.made, problem });
        None
    }
}

fn drive(mut plan: Plan, choose: impl FnMut(&[usize]) -> Option<usize> + Send + 'static) -> Result<Report, Error> {
    plan.chance = Some(Box::new(choose));
    block_on(plan.run())?
}

/// Runs a future on a new runtime with a virtual clock. Inside another runtime, where no runtime can run, this happens
/// on a new thread.
fn block_on<F: Future<Output: Send> + Send>(future: F) -> io::Result<F::Output> {
    let run = || {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
        Ok(runtime.block_on(future))
    };
    if Handle::try_current().is_err() {
        return run();
    }
    let ran = std::thread::scope(|scope| scope.spawn(run).join());
    ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
