//! Stages that gather the lists of cancelled maps.

use crate::waiting::{s, wait};
use dagcore::prelude::*;
use dagcore::{Error, Run};

#[stage]
async fn numbers(seconds: u64) -> Vec<u64> {
    wait(seconds).await;
    vec![5, 10, 60]
}

/// Returns the number of outputs and the number of nodes without output.
#[stage]
fn tell(all: Gathered<u64>) -> (usize, usize) {
    (all.outputs().count(), all.len() - all.outputs().count())
}

#[stage]
fn sum(all: Vec<u64>) -> u64 {
    all.iter().sum()
}

struct Mapped {
    report: Report,
    told: Node<(usize, usize)>,
    summed: Node<u64>,
}

/// A map whose list is cancelled after `at` seconds; its elements are added after 1 second and end after 6, 11 and 61.
async fn cancelled(at: u64, cancel: fn(&Run, Node<Vec<u64>>)) -> Mapped {
    let mut flow = Workflow::new("lists");
    let numbers = flow.add(numbers::new(1_u64));
    let list = flow.map(numbers, wait::new);
    let told = flow.add(tell::new(list));
    let summed = flow.add(sum::new(list));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(at)).await;
    cancel(&run, list);
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    assert_eq!(report.state(list), Some(NodeState::Cancelled), "{report}");
    Mapped { report, told, summed }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_gathers_a_list_that_was_cancelled_runs_whatever_its_elements_are_doing() {
    // Before there are elements; when none, some, and all but the last have ended.
    for at in [0, 3, 8, 20] {
        for cancel in [|run: &Run, list| run.cancel_node(list), |run: &Run, list| run.cancel_subtree(list)] {
            let Mapped { report, told, summed } = cancelled(at, cancel).await;
            assert_eq!(report.failures().count(), 0, "at {at} s: {report}");
            assert_eq!(report.state(told), Some(NodeState::Succeeded), "at {at} s: {report}");
            let (outputs, others) = report.output(told).unwrap();
            assert!(outputs + others > 0, "at {at} s: a cancelled list must not be empty");
            assert_eq!(report.state(summed), Some(NodeState::Skipped), "at {at} s: {report}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_takes_the_outcome_of_a_cancelled_list_receives_it() {
    #[stage]
    fn outcome(list: Outcome<Vec<u64>>) -> bool {
        matches!(list, Outcome::Cancelled(_))
    }
    let mut flow = Workflow::new("outcome");
    let numbers = flow.add(numbers::new(1_u64));
    let list = flow.map(numbers, wait::new);
    let told = flow.add(outcome::new(list));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(3)).await;
    run.cancel_node(list);
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    assert!(report.output(told).unwrap());
}
