//! Comparison of a program's runs under many seeds.

use super::run::recorded;
use crate::dag::Message;
use crate::error::Error;
use crate::report::Report;
use crate::workflow::Workflow;
use std::any::Any;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs a program under many seeds, and panics unless `compare` returns the same value for each report.
///
/// `flow` builds the program anew for each seed. A failed run is compared like any other. `compare` may contain
/// assertions: when it panics, the seed and the schedule are printed to the standard error.
///
/// ```should_panic
/// # use dagcore::prelude::*;
/// # use dagcore::testing;
/// #[stage]
/// fn throw(n: u32) -> u32 {
///     n
/// }
///
/// #[stage]
/// fn tell(first: u32) -> u32 {
///     first
/// }
///
/// rule! {
///     /// Takes the first result, whichever that is.
///     first: when count_done(throw) >= 1, adds [tell],
///     then |grow, nodes| { grow.add(tell::new(nodes[0])); }
/// }
///
/// let program = || {
///     let mut flow = Workflow::new("race").rules(rules![first]);
///     flow.add(throw::new(1_u32));
///     flow.add(throw::new(2_u32));
///     flow
/// };
/// // Panics: seed .. gives another result than seed 0.
/// testing::seeds(0..100, program, testing::graph_of);
/// ```
///
/// # Panics
///
/// If the result of a seed differs from that of the first seed: the message has the seed, the differences, and the
/// schedule to [`replay`](super::replay). Also if there is no seed, or if the workflow cannot run at all.
#[track_caller]
pub fn seeds<T: PartialEq + Debug + 'static>(
    seeds: impl IntoIterator<Item = u64>,
    mut flow: impl FnMut() -> Workflow,
    mut compare: impl FnMut(&Report) -> T,
) {
    let mut first = None;
    for seed in seeds {
        let (report, schedule) = recorded(flow(), seed);
        let report = match report.or_else(Error::into_report) {
            Ok(report) => report,
            Err(error) => panic!("seed {seed} does not run: {error}"),
        };
        let compared = catch_unwind(AssertUnwindSafe(|| compare(&report))).unwrap_or_else(|panic| {
            eprintln!("this was seed {seed}, and the schedule to replay is\n\"{schedule}\".parse()?");
            resume_unwind(panic)
        });
        let result = (compared, report.stopped().is_some());
        let Some((first_seed, wanted, text)) = &first else {
            let text = text(&result.0, &report);
            first = Some((seed, result, text));
            continue;
        };
        if result != *wanted {
            panic!(
                "seed {seed} gives another result than seed {first_seed}:\n{}replay it with \
                 `testing::replay(flow, &schedule)`, where the schedule is\n\"{schedule}\".parse()?",
                difference(text, &self::text(&result.0, &report), *first_seed, seed)
            );
        }
    }
    assert!(first.is_some(), "there is no seed to run");
}

/// Formats a result for a message.
fn text<T: Debug + 'static>(result: &T, report: &Report) -> String {
    let mut text = match (result as &dyn Any).downcast_ref::<String>() {
        Some(text) => text.clone(),
        // Line breaks of a string inside another value are printed as line breaks, too, so that lines can be compared.
        None => format!("{result:#?}").replace("\\n", "\n"),
    };
    if let Some(why) = report.stopped() {
        text.push_str(&format!("\nthe run was stopped: {}", Message(why)));
    }
    text
}

/// Lists the lines that only one of two texts has.
fn difference(one: &str, other: &str, first: u64, second: u64) -> String {
    let (gone, come) = (only_in(one, other), only_in(other, one));
    if gone.is_empty() && come.is_empty() {
        return format!("  both have the same lines, in another order or with other values behind them:\n{other}\n");
    }
    let mut text = String::new();
    for (seed, lines) in [(first, gone), (second, come)] {
        const SHOWN: usize = 10;
        for line in lines.iter().take(SHOWN) {
            text.push_str(&format!("  only with seed {seed}: {}\n", Message(line)));
        }
        if lines.len() > SHOWN {
            text.push_str(&format!("  and {} more lines only with seed {seed}\n", lines.len() - SHOWN));
        }
    }
    text
}

fn only_in<'a>(text: &'a str, other: &str) -> Vec<&'a str> {
    let mut others: Vec<&str> = other.lines().collect();
    let mut only = Vec::new();
    for line in text.lines() {
        match others.iter().position(|other| *other == line) {
            Some(at) => drop(others.swap_remove(at)),
            None => only.push(line),
        }
    }
    only
}
