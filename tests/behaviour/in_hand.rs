//! The `Run` handle: additions, pauses and events.

use crate::waiting::{s, wait};
use dagcore::AppendErrorKind;
use dagcore::dag::Refused;
use dagcore::prelude::*;
use dagcore::{Error, Event, Run, Update};
use futures::StreamExt;
use std::sync::{Arc, OnceLock};

#[stage]
fn sum(all: Vec<u64>) -> u64 {
    all.iter().sum()
}

rule! {
    add_up: when closed(wait), adds [sum],
    then |grow, all| { grow.add(sum::new(all)); }
}

rule! {
    again: when each(wait), adds [wait] within 1,
    then |grow, _node, seconds| { grow.add(wait::new(*seconds)); }
}

async fn begun(flow: Workflow, seconds: u64) -> Run {
    let run = flow.start().unwrap();
    tokio::time::sleep(s(seconds)).await;
    run
}

#[tokio::test(start_paused = true)]
async fn nodes_and_rules_are_appended_during_a_run() -> Result<(), Error> {
    let mut flow = Workflow::new("outside");
    let first = flow.add(wait::new(10_u64));
    let run = begun(flow, 5).await;
    let [second, total] = run.append(|grow| {
        let second = grow.add(wait::new(3_u64));
        grow.rules(rules![again]);
        grow.rule(
            rule! { when done(first, second), adds [sum], then |grow, a, b| { grow.add(sum::new(vec![*a, *b])); } },
        );
        [second, grow.add(sum::new([first, second]))]
    })?;
    let report = run.wait().await?;
    assert_eq!((report.ended(second).unwrap().as_secs(), *report.output(total)?), (8, 13));
    // The rules apply to the nodes that existed before them, and to those appended with them.
    assert_eq!((report.nodes::<wait>().count(), report.nodes::<sum>().count()), (4, 2));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_refused_append_changes_nothing() {
    let mut flow = Workflow::new("closed").rules(rules![add_up]);
    flow.add(wait::new(10_u64));
    let other = Workflow::new("other").add(wait::new(1_u64));
    let run = begun(flow, 5).await;
    let said = |error: dagcore::AppendError| error.to_string();

    let late = run.append(|grow| grow.add(wait::new(1_u64))).unwrap_err();
    assert!(matches!(late.kind(), AppendErrorKind::Refused(Refused::Closed { .. })), "{late:?}");
    let late = said(late);
    assert!(late.contains("`wait`") && late.contains("closed"), "{late}");
    let foreign = run.append(|grow| grow.add(sum::new([other]))).map_err(said).unwrap_err();
    assert!(foreign.contains("a handle is valid only in the workflow"), "{foreign}");
    let unlawful = run.append(|grow| {
        grow.rule(rule! { when closed(sum), adds [sum], then |grow, _all| { grow.add(sum::new(vec![0])); } });
    });
    let unlawful = unlawful.unwrap_err();
    assert!(matches!(unlawful.kind(), AppendErrorKind::UnlawfulRules(problems) if problems.len() == 1), "{unlawful:?}");
    assert!(said(unlawful).contains("`sum`"));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run.append(|_| panic!("no"))));
    assert!(panicked.is_err());
    let inside = run.append(|_| run.append(|_| ()).map_err(said).unwrap_err()).unwrap();
    assert!(inside.contains("add everything at once"), "{inside}");

    let report = run.wait().await.unwrap();
    assert_eq!((report.len(), *report.only::<sum>().unwrap()), (2, 10));
}

#[tokio::test(start_paused = true)]
async fn a_rule_adds_through_its_growth_and_not_through_the_handle() -> Result<(), Error> {
    let hand = Arc::new(OnceLock::<Arc<Run>>::new());
    let mut flow = Workflow::new("inside");
    let first = flow.add(wait::new(1_u64));
    let own = Arc::clone(&hand);
    flow.rule(rule! {
        when done(first), adds [sum],
        then |grow, _n| {
            let said = own.get().unwrap().append(|_| ()).unwrap_err().to_string();
            assert!(said.contains("add everything at once"), "{said}");
            grow.add(sum::new(vec![3]));
        }
    });
    let run = Arc::new(flow.start()?);
    hand.set(Arc::clone(&run)).ok();
    run.ended().await;
    assert_eq!(run.progress().nodes.succeeded, 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_over_or_being_cancelled_accepts_nothing() {
    let mut flow = Workflow::new("over");
    flow.add(wait::new(1_u64));
    let run = begun(flow, 5).await;
    assert_eq!(
        run.append(|grow| grow.add(wait::new(1_u64))).unwrap_err().to_string(),
        "nothing was added to workflow `over`: the run has ended"
    );
    let mut flow = Workflow::new("cancelled");
    flow.add(wait::new(100_u64));
    let run = begun(flow, 5).await;
    run.cancel();
    assert_eq!(*run.append(|grow| grow.add(wait::new(1_u64))).unwrap_err().kind(), AppendErrorKind::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn a_paused_run_starts_nothing_until_it_is_resumed() {
    let mut flow = Workflow::new("held").rules(rules![again]);
    let first = flow.add(wait::new(10_u64));
    let run = begun(flow, 5).await;
    run.pause();
    run.pause();
    tokio::time::sleep(s(95)).await;
    let counts = run.progress().nodes;
    assert_eq!((counts.succeeded, counts.ready), (1, 1)); // the rule was applied
    let next = run.possible().stages()[0].actual().unwrap().unsettled;
    assert_eq!(next, 1);
    assert_eq!(run.explain_rule("again")[0].fired, 1);
    run.resume();
    let report = run.wait().await.unwrap();
    assert_eq!((report.ended(first).unwrap().as_secs(), report.duration().as_secs()), (10, 110));
}

#[tokio::test(start_paused = true)]
async fn a_ready_node_reports_that_the_run_is_paused() {
    let mut flow = Workflow::new("held").concurrency(1);
    let [_, second] = [(); 2].map(|()| flow.add(wait::new(1_u64)));
    let run = flow.start().unwrap();
    run.pause();
    tokio::time::sleep(s(5)).await;
    assert_eq!(run.explain(second).to_string(), "node `wait#1` is ready: the run is held, and nothing starts");
    run.resume();
    assert_eq!(run.wait().await.unwrap().duration().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_run_are_a_stream_that_ends_with_it() {
    let mut flow = Workflow::new("events").rules(rules![again]);
    let first = flow.add(wait::new(1_u64));
    let run = flow.start().unwrap();
    let (mut events, mut others) = (run.events(), run.events());
    let mut told = Vec::new();
    while let Some(update) = events.next().await {
        told.push(match update {
            Update::Event(Event::Started { node, .. }) => format!("{} starts", run.node_name(node)),
            Update::Event(Event::Succeeded { node, .. }) => format!("{} succeeds", run.node_name(node)),
            Update::Event(Event::Fired { additions: nodes, .. }) => format!("{} more", nodes.len()),
            other => format!("{other:?}"),
        });
    }
    assert_eq!(told, ["wait#0 starts", "wait#0 succeeds", "1 more", "wait#1 starts", "wait#1 succeeds"]);
    let report = run.wait().await.unwrap();
    assert!(matches!(others.next().await, Some(Update::Event(Event::Started { node, .. })) if node == first.id()));
    drop(others);
    assert!(report.trackers().is_empty());
}

#[tokio::test]
async fn unread_events_are_dropped_and_counted() {
    #[stage]
    async fn quick(n: u32) -> u32 {
        n
    }
    const NODES: u32 = 140_000;
    let mut flow = Workflow::new("many");
    for n in 0..NODES {
        flow.add(quick::new(n));
    }
    let run = flow.start().unwrap();
    let (events, left) = (run.events(), run.events());
    drop(left); // dropping a subscriber does not affect the run
    run.ended().await;
    let all = events.fold((0, 0), |(happened, lagged), update| async move {
        match update {
            Update::Lagged(count) => (happened, lagged + count),
            _ => (happened + 1, lagged),
        }
    });
    let (happened, lagged) = all.await;
    assert_eq!((happened, happened + lagged), (262_144, 2 * u64::from(NODES)));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_to_a_run_that_has_ended_yields_no_events() {
    let mut flow = Workflow::new("over");
    flow.add(wait::new(1_u64));
    let run = begun(flow, 5).await;
    assert!(run.events().next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_sealed_accepts_no_more_additions() {
    let mut flow = Workflow::new("sealed");
    flow.add(wait::new(5_u64));
    let run = flow.start().unwrap();
    run.append(|grow| grow.add(wait::new(1_u64))).unwrap();
    run.seal();
    let late = run.append(|grow| grow.add(wait::new(1_u64))).unwrap_err();
    assert_eq!(
        (late.kind(), late.kind().to_string()),
        (&AppendErrorKind::Sealed, "the run was sealed with `seal`".to_owned())
    );
    assert_eq!(run.wait().await.unwrap().len(), 2);
}
