//! The report of a run proves that the run respected its dependencies.

use dagcore::prelude::*;
use dagcore::{Error, testing};

#[stage(inline)]
fn quick(before: u64) -> u64 {
    before + 1
}

#[stage]
fn computed(before: u64) -> u64 {
    before + 1
}

#[stage(retries = 2)]
async fn flaky(before: u64, context: &StageContext) -> Result<u64, String> {
    tokio::task::yield_now().await;
    match (before % 7, context.attempt()) {
        (0, _) => Err("never".to_owned()),
        (1..4, 1) => Err("not yet".to_owned()),
        _ => Ok(before + 1),
    }
}

#[stage]
fn sum(all: Gathered<u64>) -> u64 {
    all.outputs().sum()
}

rule! {
    more: when each(flaky), adds [quick, computed],
    then |grow, node, _n| {
        let quick = grow.add(quick::new(node));
        grow.add(computed::new(quick));
    }
}

rule! {
    all: when closed(computed), adds [sum],
    then |grow, nodes| { grow.add(sum::new(nodes)); }
}

fn flow() -> Workflow {
    let mut flow = Workflow::new("ordered").rules(rules![more, all]);
    for n in 0..500_u64 {
        let one = flow.add(computed::new(n));
        let two = flow.add(flaky::new(one));
        let three = flow.add(quick::new(two));
        flow.add(computed::new(three).after(one));
        flow.add(sum::new(vec![two, three]));
    }
    flow
}

/// On several threads, with nodes that fail, are retried and are skipped.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_real_run_is_in_order_by_its_own_report() {
    let report = flow().run().await.or_else(Error::into_report).unwrap();
    assert!(report.count(NodeState::Failed) > 50 && report.count(NodeState::Skipped) > 100, "{report}");
    assert!(report.count(NodeState::Succeeded) > 2_000, "{report}");
    report.check_order().unwrap();
}

#[test]
fn a_run_in_virtual_time_is_in_order_by_its_own_report() {
    for seed in 0..3 {
        let report = testing::seeded(flow(), seed).or_else(Error::into_report).unwrap();
        report.check_order().unwrap();
    }
}
