//! The outcome of a merge whose inputs are missing, all failed, or that was itself skipped; and which failures are
//! failures of the run.

use crate::waiting::wait;
use dagcore::prelude::*;
use dagcore::{Error, Tolerance};
use std::time::Duration;

#[stage]
fn parse(text: String) -> Result<u32, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

#[stage]
fn sum(all: Vec<u32>) -> u32 {
    all.iter().sum()
}

/// The numbers of succeeded, failed and skipped nodes.
#[stage]
fn ends(all: Gathered<u32>) -> [usize; 3] {
    all.iter().fold([0; 3], |[succeeded, failed, skipped], outcome| match outcome {
        Outcome::Succeeded(_) => [succeeded + 1, failed, skipped],
        Outcome::Failed(_) => [succeeded, failed + 1, skipped],
        _ => [succeeded, failed, skipped + 1],
    })
}

rule! {
    summarise: when closed(parse), adds [sum, ends],
    then |grow, found| {
        grow.add(sum::new(found.clone()).named("list"));
        grow.add(ends::new(found).named("ends"));
    }
}

fn merged(texts: &[&str]) -> Report {
    let mut flow = Workflow::new("merges").rules(rules![summarise]);
    for text in texts {
        flow.add(parse::new(*text));
    }
    flow.run_blocking().or_else(Error::into_report).unwrap()
}

#[test]
fn a_merge_of_nothing_runs_with_an_empty_list() {
    let report = merged(&[]);
    assert_eq!((*report.only::<sum>().unwrap(), *report.only::<ends>().unwrap()), (0, [0; 3]));
    assert!(report.is_success());
}

#[test]
fn a_merge_of_what_all_failed_is_skipped_unless_it_gathers_how_they_ended() {
    let report = merged(&["one", "two"]);
    assert_eq!(*report.only::<ends>().unwrap(), [0, 2, 0]);
    assert_eq!(report.state(report.named::<sum>("list").unwrap()), Some(NodeState::Skipped));
    assert_eq!(report.failures().count(), 2);
}

#[test]
fn a_merge_of_what_failed_in_part_is_skipped_unless_it_gathers_how_they_ended() {
    let report = merged(&["1", "two", "3"]);
    assert_eq!(*report.only::<ends>().unwrap(), [2, 1, 0]);
    assert_eq!(report.state(report.named::<sum>("list").unwrap()), Some(NodeState::Skipped));
}

#[test]
fn a_merge_that_was_skipped_is_to_another_what_any_skipped_node_is() {
    let mut flow = Workflow::new("skipped");
    let bad = flow.add(parse::new("bad"));
    let skipped = flow.add(sum::new([bad]));
    let (list, gathered) = (flow.add(sum::new([skipped])), flow.add(ends::new([skipped])));
    let report = flow.run_blocking().or_else(Error::into_report).unwrap();
    assert_eq!(report.state(list), Some(NodeState::Skipped));
    assert_eq!(*report.output(gathered).unwrap(), [0, 0, 1]);
}

#[test]
fn a_rule_on_a_failure_compensates_for_it() -> Result<(), Error> {
    let mut flow = Workflow::new("compensates").tolerate::<parse>(Tolerance::Count(1));
    let bad = flow.add(parse::new("bad"));
    flow.rule(rule! {
        when failed(bad), adds [sum],
        then |grow, error| {
            assert_eq!(error.cause().to_string(), "`bad` is no number");
            grow.add(sum::new(vec![7]));
        }
    });
    assert_eq!(*flow.run_blocking()?.only::<sum>()?, 7);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_fast_is_cancelled_at_the_first_failure() {
    let mut flow = Workflow::new("fast").fail_fast().grace(Duration::ZERO);
    let bad = flow.add(parse::new("bad"));
    let long = flow.add(wait::new(100_u64));
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert_eq!((report.state(bad), report.state(long)), (Some(NodeState::Failed), Some(NodeState::Cancelled)));
    assert_eq!(report.stopped(), Some("node `parse#0` failed, and the run was to fail fast"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_fast_is_cancelled_when_a_rule_fails() {
    let mut flow = Workflow::new("fast").fail_fast().grace(Duration::ZERO);
    let good = flow.add(parse::new("1"));
    let long = flow.add(wait::new(100_u64));
    flow.rule(rule! { when done(good), adds [], then |_grow, _n| -> Result<(), String> { Err("no".to_owned()) } });
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert_eq!(report.state(long), Some(NodeState::Cancelled));
    assert!(report.stopped().unwrap().contains("failed, and the run was to fail fast"));
}

#[tokio::test(start_paused = true)]
async fn tolerated_failures_of_a_stage_do_not_fail_the_run() {
    let run = async |texts: &[&str], tolerance| {
        let mut flow = Workflow::new("tolerant").fail_fast().grace(Duration::ZERO).tolerate::<parse>(tolerance);
        flow.add(wait::new(100_u64));
        for text in texts {
            flow.add(parse::new(*text));
        }
        flow.run().await.or_else(Error::into_report).unwrap()
    };
    let texts = ["1", "two", "3", "4"];
    for enough in [Tolerance::Count(1), Tolerance::Ratio(0.25)] {
        let report = run(&texts, enough).await;
        assert!(report.is_success() && report.failures().count() == 1, "{report}");
    }
    for (little, is_stopped) in
        [(Tolerance::Count(0), true), (Tolerance::Ratio(0.24), false), (Tolerance::Ratio(f64::NAN), false)]
    {
        let report = run(&texts, little).await;
        assert_eq!((report.is_success(), report.stopped().is_some()), (false, is_stopped), "{report}");
    }
    assert!(run(&[], Tolerance::Ratio(0.0)).await.is_success());
}
