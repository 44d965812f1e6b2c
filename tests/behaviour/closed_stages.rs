//! External additions are checked against closed and counted stages.

use crate::waiting::{s, wait};
use dagcore::dag::Multiplicity;
use dagcore::prelude::*;
use dagcore::{Error, Run};

#[stage]
async fn seed(n: u64) -> u64 {
    n
}

#[stage]
async fn part(n: u64) -> u64 {
    n
}

#[stage]
fn sum(all: Vec<u64>) -> u64 {
    all.iter().sum()
}

rule! {
    split: when each(seed), adds [part],
    then |grow, _seed, n| for n in 0..*n { grow.add(part::new(n)); }
}

rule! {
    add_up: when closed(part), adds [sum],
    then |grow, parts| { grow.add(sum::new(parts)); }
}

fn total(run: &Run, stage: &str) -> Option<usize> {
    run.progress().stage(stage).and_then(|stage| stage.total)
}

#[tokio::test(start_paused = true)]
async fn a_total_that_was_known_does_not_change_when_something_is_appended() {
    let mut flow = Workflow::new("totals").rules(rules![split]);
    flow.add(seed::new(2_u64));
    flow.add(wait::new(10_u64));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(5)).await;
    let stages = ["seed", "part", "wait"];
    let before = stages.map(|stage| total(&run, stage));
    let appended = run.append(|grow| (grow.add(seed::new(3_u64)), grow.add(wait::new(1_u64)))).is_ok();
    let check = |after: [Option<usize>; 3], when| {
        for ((stage, before), after) in stages.iter().zip(before).zip(after) {
            assert!(before.is_none() || before == after, "`{stage}`, {when}: {before:?} became {after:?}");
        }
    };
    check(stages.map(|stage| total(&run, stage)), "when it was appended to");
    let report = run.wait().await.unwrap();
    check(stages.map(|stage| report.progress().stage(stage).and_then(|stage| stage.total)), "in the end");
    let nodes = [report.nodes::<seed>().count(), report.nodes::<part>().count(), report.nodes::<wait>().count()];
    assert_eq!(nodes, if appended { [2, 5, 2] } else { [1, 2, 1] });
}

#[tokio::test(start_paused = true)]
async fn the_possible_graph_of_a_run_includes_possible_additions_until_it_is_sealed() -> Result<(), Error> {
    rule! { look: when each(seed), adds [sum], then |grow, _seed, n| { grow.add(sum::new(vec![*n])); } }

    let mut flow = Workflow::new("possible").rules(rules![look]);
    flow.add(wait::new(1_u64));
    assert_eq!(flow.possible().warnings().len(), 1, "nothing adds a `seed` before the run");
    let run = flow.start()?;
    let possible = |stage| run.possible().stage(stage).unwrap().multiplicity();
    assert_eq!(["wait", "seed", "sum"].map(possible), [Multiplicity::AnyNumber; 3]);
    assert!(run.possible().warnings().is_empty());
    assert!(
        run.progress()
            .to_string()
            .contains("wait: 0 of 1 so far, 1 ready; it may grow by `append`, until the run is sealed")
    );
    run.append(|grow| grow.add(wait::new(1_u64)))?;
    run.seal();
    assert_eq!(
        ["wait", "seed", "sum"].map(possible),
        [Multiplicity::Exactly(2), Multiplicity::Never, Multiplicity::Never]
    );
    assert_eq!(run.wait().await?.nodes::<wait>().count(), 2);
    Ok(())
}

/// Returns a run that continues after its stage `part` has closed.
async fn closed() -> Run {
    let mut flow = Workflow::new("closed").rules(rules![split, add_up]);
    flow.add(seed::new(3_u64));
    flow.add(wait::new(10_u64));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(5)).await;
    assert_eq!(run.explain_rule("add_up")[0].fired, 1);
    run
}

/// Checks that nothing was added, that the error names the closed stage, and that no rule is blamed.
async fn refused(run: Run, appended: Result<(), dagcore::AppendError>) {
    let said = appended.map_err(|error| error.to_string());
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    assert!(
        report.rule_failures().is_empty() && report.is_success(),
        "the append returned {said:?}; the report: {report}"
    );
    let said = said.unwrap_err();
    assert!(said.contains("`part`") && said.contains("closed"), "{said}");
    assert_eq!((report.len(), *report.only::<sum>().unwrap()), (6, 3));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_leads_to_a_stage_that_has_closed_is_refused_when_it_is_appended() {
    let run = closed().await;
    let appended = run.append(|grow| {
        grow.add(seed::new(2_u64));
    });
    refused(run, appended).await;
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_adds_to_a_stage_that_has_closed_is_refused_when_it_is_appended() {
    let run = closed().await;
    let appended = run.append(|grow| {
        grow.rule(rule! { when each(wait), adds [part], then |grow, _wait, n| { grow.add(part::new(*n)); } });
    });
    refused(run, appended).await;
    let run = closed().await;
    let appended = run.append(|grow| {
        grow.rule(rule! { when each(wait), adds [seed], then |grow, _wait, n| { grow.add(seed::new(*n)); } });
    });
    refused(run, appended).await;
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_may_add_to_a_stage_that_has_closed_is_refused_when_it_is_appended() {
    #[stage(adds(part))]
    async fn grows(context: &StageContext<grows>) {
        context.grow(|grow| grow.add(part::new(7_u64)));
    }
    let run = closed().await;
    let appended = run.append(|grow| {
        grow.add(grows::new());
    });
    refused(run, appended).await;
}

rule! {
    add_up_each: when closed(part) under each(seed), adds [sum],
    then |grow, seed, parts| { grow.add(sum::new(parts).after(seed)); }
}

/// Returns a run that continues, and a node below which `part` has closed.
async fn closed_below() -> (Run, Node<u64>) {
    let mut flow = Workflow::new("closed below").rules(rules![split, add_up_each]);
    let above = flow.add(seed::new(3_u64));
    flow.add(wait::new(10_u64));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(5)).await;
    assert_eq!(run.explain_rule("add_up_each")[0].fired, 1);
    (run, above)
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_adds_below_a_node_where_a_stage_has_closed_is_refused_when_it_is_appended() {
    // The additions of a rule that waits for one node are below that node.
    let (run, above) = closed_below().await;
    let appended = run.append(|grow| {
        grow.rule(rule! { when done(above), adds [part], then |grow, n| { grow.add(part::new(*n)); } });
    });
    refused(run, appended).await;
    let (run, above) = closed_below().await;
    let appended = run.append(|grow| {
        grow.rule(rule! { when settled(above), adds [seed], then |grow, _seed| { grow.add(seed::new(2_u64)); } });
    });
    refused(run, appended).await;
}

#[tokio::test(start_paused = true)]
async fn an_addition_outside_of_a_subtree_where_a_stage_has_closed_is_accepted() -> Result<(), Error> {
    let (run, above) = closed_below().await;
    run.append(|grow| {
        grow.add(seed::new(2_u64));
        grow.rule(rule! { when done(above), adds [wait], then |grow, n| { grow.add(wait::new(*n)); } });
    })?;
    let report = run.wait().await?;
    assert_eq!(report.outputs::<sum>()?.copied().collect::<Vec<_>>(), [3, 1]);
    Ok(())
}
