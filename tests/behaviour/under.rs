//! Rules that wait for the nodes below a node.

use dagcore::prelude::*;
use dagcore::{Error, Report};
use std::time::Duration;

/// A sample with parts, given by their durations.
#[stage]
fn sample(parts: &[u64]) -> Vec<u64> {
    parts.to_vec()
}

/// A part, which fails if its duration is zero.
#[stage]
async fn part(ms: u64) -> Result<u64, String> {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    if ms > 0 { Ok(ms) } else { Err("no time".to_owned()) }
}

#[stage]
fn merge(name: String, parts: Gathered<u64>) -> String {
    let parts: Vec<_> = parts.iter().map(|part| part.output().map_or("-".to_owned(), u64::to_string)).collect();
    format!("{name} {}", parts.join(" "))
}

rule! {
    cut: when each(sample), adds [part],
    then |grow, _node, parts| for ms in parts { grow.add(part::new(*ms)); }
}

rule! {
    merge_closed: when closed(part) under each(sample), adds [merge],
    then |grow, _sample, parts| { grow.add(merge::new("closed", parts)); }
}

rule! {
    merge_settled: when settled(part) under each(sample), adds [merge],
    then |grow, _sample, parts| { grow.add(merge::new("settled", parts)); }
}

rule! {
    merge_done: when done(part) under each(sample), adds [merge],
    then |grow, _sample, parts| { grow.add(merge::new("done", parts)); }
}

/// Runs samples with these parts, and returns the report, even if a node failed.
async fn run(flow: Workflow, samples: &[&[u64]]) -> Report {
    let mut flow = flow;
    for parts in samples {
        flow.add(sample::new(*parts));
    }
    let report = flow.run().await.or_else(Error::into_report).unwrap();
    assert!(report.rule_failures().is_empty(), "{report}");
    report
}

fn merged(report: &Report) -> Vec<&str> {
    report.outputs::<merge>().unwrap().map(String::as_str).collect()
}

/// The start times of the merges, in milliseconds and in the order of their samples.
fn starts(report: &Report) -> Vec<u128> {
    report.nodes::<merge>().map(|node| report.started(node).unwrap().as_millis()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_node_is_merged_before_the_parts_of_another_end() {
    let flow = Workflow::new("three").rules(rules![cut, merge_done]);
    let report = run(flow, &[&[10, 20], &[500], &[30]]).await;
    assert_eq!(merged(&report), ["done 10 20", "done 500", "done 30"]);
    assert_eq!(starts(&report), [20, 500, 30]);
}

#[tokio::test(start_paused = true)]
async fn closed_fires_when_the_list_is_complete_and_settled_when_its_nodes_have_ended() {
    rule! {
        note_closed: when closed(part) under each(sample), adds [noted],
        then |grow, sample, parts| { grow.add(noted::new(parts.len()).after(sample)); }
    }
    #[stage]
    fn noted(parts: usize) -> usize {
        parts
    }
    let flow = Workflow::new("both").rules(rules![cut, note_closed, merge_settled]);
    let report = run(flow, &[&[10, 20], &[500]]).await;
    let noted = report.nodes::<noted>().map(|node| (report.started(node), *report.output(node).unwrap()));
    assert_eq!(noted.collect::<Vec<_>>(), [(Some(Duration::ZERO), 2), (Some(Duration::ZERO), 1)]);
    assert_eq!(starts(&report), [20, 500]);
}

#[tokio::test(start_paused = true)]
async fn a_node_without_parts_is_still_merged() {
    let flow = Workflow::new("none").rules(rules![cut, merge_closed, merge_settled, merge_done]);
    let report = run(flow, &[&[], &[5]]).await;
    assert_eq!(merged(&report), ["closed ", "settled ", "done ", "closed 5", "settled 5", "done 5"]);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_failed_or_was_skipped_has_no_parts_and_is_merged() {
    #[stage]
    async fn broken() -> Result<Vec<u64>, String> {
        Err("broken".to_owned())
    }
    let mut flow = Workflow::new("failed").rules(rules![cut, merge_closed, merge_settled, merge_done]);
    let broken = flow.add(broken::new());
    flow.add(sample::new(broken).named("skipped"));
    let report = run(flow, &[]).await;
    assert_eq!(report.state(report.named::<sample>("skipped").unwrap()), Some(NodeState::Skipped));
    assert_eq!(merged(&report), ["closed ", "settled ", "done "]);

    #[stage]
    fn piece(n: u64) -> u64 {
        n
    }
    rule! {
        pieces: when each(broken), adds [piece],
        then |grow, _node, list| for n in list { grow.add(piece::new(*n)); }
    }
    rule! {
        together: when done(piece) under each(broken), adds [merge],
        then |grow, broken, pieces| { grow.add(merge::new(format!("{broken:?}"), pieces)); }
    }
    let mut flow = Workflow::new("failed itself").rules(rules![pieces, together]);
    flow.add(broken::new());
    assert_eq!(merged(&run(flow, &[]).await), ["Node<alloc::vec::Vec<u64>>(0) "]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_part_prevents_done_but_neither_settled_nor_closed() {
    let flow = Workflow::new("part").rules(rules![cut, merge_closed, merge_settled, merge_done]);
    let report = run(flow, &[&[10, 0], &[20]]).await;
    assert_eq!(merged(&report), ["closed 10 -", "settled 10 -", "closed 20", "settled 20", "done 20"]);
    assert_eq!(report.failures().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_skipped_part_prevents_done() {
    #[stage]
    async fn broken() -> Result<u64, String> {
        Err("broken".to_owned())
    }
    let mut flow = Workflow::new("skipped").rules(rules![merge_settled, merge_done]);
    let broken = flow.add(broken::new());
    let sample = flow.add(sample::new([0]));
    flow.rule(rule! {
        when done(sample), adds [part],
        then |grow, _parts| { grow.add(part::new(broken)); }
    });
    assert_eq!(merged(&run(flow, &[]).await), ["settled -"]);
}

#[tokio::test(start_paused = true)]
async fn groups_can_be_nested() {
    #[stage]
    async fn chunk(parts: Vec<u64>) -> Vec<u64> {
        parts
    }
    #[stage]
    async fn whole(chunks: Vec<String>, parts: usize) -> String {
        format!("[{}] {parts}", chunks.join(", "))
    }
    rule! {
        chunks: when each(sample), adds [chunk],
        then |grow, _node, parts| for pair in parts.chunks(2) { grow.add(chunk::new(pair)); }
    }
    rule! {
        cut: when each(chunk), adds [part],
        then |grow, _node, parts| for ms in parts { grow.add(part::new(*ms)); }
    }
    rule! {
        merge_chunk: when done(part) under each(chunk), adds [merge],
        then |grow, _chunk, parts| { grow.add(merge::new("chunk", parts)); }
    }
    rule! {
        merge_sample: when closed(merge, part) under each(sample), adds [whole],
        then |grow, _sample, merged, parts| { grow.add(whole::new(merged, parts.len())); }
    }
    let flow = Workflow::new("nested").rules(rules![chunks, cut, merge_chunk, merge_sample]).keep::<merge>();
    let report = run(flow, &[&[10, 20, 30], &[400, 5]]).await;
    assert_eq!(merged(&report), ["chunk 10 20", "chunk 30", "chunk 400 5"]);
    assert_eq!(
        report.outputs::<whole>().unwrap().collect::<Vec<_>>(),
        ["[chunk 10 20, chunk 30] 3", "[chunk 400 5] 2"]
    );
    let started: Vec<_> = report.nodes::<whole>().map(|node| report.started(node).unwrap().as_millis()).collect();
    assert_eq!(started, [30, 400]);
}

#[tokio::test(start_paused = true)]
async fn descendants_may_be_added_by_any_rule_at_any_depth() {
    rule! {
        again: when each(part), adds [part] within 3,
        then |grow, _node, ms| { grow.add(part::new(ms + 1)); }
    }
    let flow = Workflow::new("deep").rules(rules![cut, again, merge_done]);
    let report = run(flow, &[&[10], &[1]]).await;
    assert_eq!(merged(&report), ["done 10 11 12 13", "done 1 2 3 4"]);
    assert_eq!(starts(&report), [46, 10]);
}

#[tokio::test(start_paused = true)]
async fn the_nodes_of_a_map_are_below_the_node_whose_rule_maps() {
    rule! {
        cut_by_map: when each(sample), adds [part],
        then |grow, node, _parts| { grow.map(node, part::new); }
    }
    let flow = Workflow::new("map").rules(rules![cut_by_map, merge_done]);
    let report = run(flow, &[&[10, 20], &[5]]).await;
    assert_eq!(merged(&report), ["done 10 20", "done 5"]);
    assert_eq!(starts(&report), [20, 5]);
}

#[tokio::test(start_paused = true)]
async fn under_is_joined_with_other_conditions_and_with_captured_handles() {
    let mut flow = Workflow::new("joined").rules(rules![cut]);
    let ready = flow.add(part::new(100).named("ready"));
    let mut counted = 0;
    flow.rule(rule! {
        when count(part) >= 4 && (done(part) under each(sample)) && done(ready) && |view| view.count::<sample>() > 1,
        adds [merge],
        then |grow, first, _sample, parts, ready| {
            counted += 1;
            assert_eq!((first.len(), *ready), (4, 100));
            grow.add(merge::new(format!("{counted}"), parts));
        }
    });
    let report = run(flow, &[&[10, 20], &[300]]).await;
    assert_eq!(merged(&report), ["1 10 20", "2 300"]);
    assert_eq!(starts(&report), [100, 300]);
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_comes_later_finds_the_nodes_that_are_there() {
    let mut flow = Workflow::new("late").rules(rules![cut]);
    let long = flow.add(part::new(1_000));
    flow.rule(rule! {
        when done(long), adds [merge, Rule],
        then |grow, _ms| grow.rule(rule! {
            when done(part) under each(sample), adds [merge],
            then |grow, _sample, parts| { grow.add(merge::new("late", parts)); }
        })
    });
    let report = run(flow, &[&[10, 20], &[2_000]]).await;
    assert_eq!(merged(&report), ["late 10 20", "late 2000"]);
    assert_eq!(starts(&report), [1_000, 2_000]);
}

#[test]
fn a_rule_that_never_fired_for_any_node_is_in_the_report_with_the_reason() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let reasons = |samples: &[&[u64]]| {
        let flow = Workflow::new("unfired").concurrency(1).rules(rules![cut, merge_done]);
        let report = runtime.block_on(run(flow, samples));
        let last = report.unfired().last().map(|(rule, why)| (rule.to_owned(), why));
        let (rule, why) = last.expect("the rule did not fire");
        assert_eq!(rule, "merge_done");
        why.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&[]), ["no node of `sample` was added"]);
    assert_eq!(
        reasons(&[&[10, 0], &[0]]),
        ["below `sample#0` `part#3` (failed) did not succeed, and below `sample#1` `part#4` (failed) did not succeed",]
    );
}

#[test]
fn the_lists_are_the_same_whichever_node_ends_first() {
    let lists = |concurrency| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let flow = Workflow::new("order").rules(rules![cut, merge_closed]).concurrency(concurrency);
        let samples: Vec<Vec<u64>> = (1..9).map(|n| (1..n).map(|ms| ms * 7 % 5 + 1).collect()).collect();
        let samples: Vec<&[u64]> = samples.iter().map(Vec::as_slice).collect();
        merged(&runtime.block_on(run(flow, &samples))).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let alone = lists(1);
    assert_eq!(alone[3], "closed 3 5 2");
    assert_eq!(lists(3), alone);
    assert_eq!(lists(1_000), alone);
}
