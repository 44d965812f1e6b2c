//! Metrics: counters, a gauge and histograms that agree with the report.

use super::{Looking, S, everything, fetch, run};
use dagcore::prelude::*;
use dagcore::track::Metrics;
use dagcore::{Event, RunSnapshot};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The values recorded since the last snapshot, by name and labels.
pub(super) fn recorded(snapshotter: &Snapshotter) -> BTreeMap<String, DebugValue> {
    let all = snapshotter.snapshot().into_vec().into_iter();
    all.map(|(key, _, _, value)| {
        let mut labels: Vec<String> =
            key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        labels.sort();
        (format!("{} {}", key.key().name(), labels.join(" ")), value)
    })
    .collect()
}

/// The counters that are not zero.
pub(super) fn counters(recorded: &BTreeMap<String, DebugValue>) -> BTreeMap<String, u64> {
    let counter = |(name, value): (&String, &DebugValue)| match value {
        DebugValue::Counter(count) if *count > 0 => Some((name.clone(), *count)),
        _ => None,
    };
    recorded.iter().filter_map(counter).collect()
}

/// The expected counters of nodes and attempts.
pub(super) fn expected(report: &Report) -> BTreeMap<String, u64> {
    let (graph, workflow) = (report.graph(), report.name());
    let mut counts = BTreeMap::new();
    for node in graph.nodes() {
        let stage = graph.stage_info(graph.stage(node).unwrap()).name;
        let state = graph.state(node).unwrap();
        *counts.entry(format!("dagcore_nodes_total end={state} stage={stage} workflow={workflow}")).or_default() += 1;
        let failed = graph.failed_attempts(node).len() as u64;
        if failed > 0 {
            let name = format!("dagcore_attempts_failed_total stage={stage} workflow={workflow}");
            *counts.entry(name).or_default() += failed;
        }
    }
    counts
}

#[test]
fn counters_agree_with_the_report() {
    for seed in 0..20 {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        let report = run(everything().track(Metrics::to(recorder)), seed);
        let recorded = recorded(&snapshotter);
        let (firings, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
            counters(&recorded).into_iter().partition(|(name, _)| name.starts_with("dagcore_firings_total"));
        assert_eq!(others, expected(&report));
        let firings: Vec<(&str, u64)> = firings.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        let of = |rule: &str| format!("dagcore_firings_total rule={rule} workflow=everything");
        // It follows five of the six `fetch` nodes: one is skipped.
        assert!(firings.contains(&(&of("finish"), 1)) && firings.contains(&(&of("follow"), 5)), "{firings:?}");
        assert_eq!(firings.len(), 3, "the third is for the list: {firings:?}");
    }
}

#[test]
fn the_gauge_is_the_number_of_running_nodes_and_ends_at_zero() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let gauges: Arc<Mutex<BTreeMap<String, f64>>> = Arc::default();
    // A snapshot of this recorder resets its gauges to zero, so it contains the changes since the previous one.
    let look = |snapshotter: &Snapshotter, gauges: &Mutex<BTreeMap<String, f64>>| {
        let mut gauges = gauges.lock().unwrap();
        for (name, value) in recorded(snapshotter) {
            if let DebugValue::Gauge(change) = value {
                *gauges.entry(name).or_default() += change.0;
            }
        }
    };
    let (own, seen) = (recorder.snapshotter(), Arc::clone(&gauges));
    let (told, most) = std::sync::mpsc::channel();
    let after = move |_: &Event, known: &RunSnapshot| {
        look(&own, &seen);
        for stage in known.stages() {
            let name = format!("dagcore_nodes_running stage={} workflow=everything", known.name_of_stage(stage));
            let running = known.counts_of(stage).running;
            assert_eq!(seen.lock().unwrap().get(&name).copied().unwrap_or_default(), running as f64, "{name}");
            told.send(running).unwrap();
        }
    };
    run(everything().track(Looking(Metrics::to(recorder), after)), 1);
    assert!(most.iter().max().unwrap() >= 3);
    look(&snapshotter, &gauges);
    let gauges = gauges.lock().unwrap();
    // Seven stages, and that of the list.
    assert!(gauges.len() == 8 && gauges.values().all(|gauge| *gauge == 0.0), "{gauges:?}");
}

#[test]
fn the_histogram_has_the_duration_of_each_node_in_seconds() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let mut flow = Workflow::new("seconds").track(Metrics::to(recorder));
    for seconds in [3, 1, 2] {
        flow.add(fetch::new(seconds as u64));
    }
    let report = run(flow, 0);
    assert_eq!(report.duration().as_nanos() as u64, 3 * S);
    let recorded = recorded(&snapshotter);
    let Some(DebugValue::Histogram(seconds)) = recorded.get("dagcore_node_seconds stage=fetch workflow=seconds") else {
        panic!("{recorded:?}")
    };
    let mut seconds: Vec<f64> = seconds.iter().map(|seconds| seconds.0).collect();
    seconds.sort_by(f64::total_cmp);
    assert_eq!(seconds, [1.0, 2.0, 3.0]);
}

#[test]
fn two_runs_of_one_workflow_add_up() {
    let recorder = Arc::new(DebuggingRecorder::new());
    let snapshotter = recorder.snapshotter();
    for _ in 0..2 {
        let mut flow = Workflow::new("twice").track(Metrics::to(Arc::clone(&recorder)));
        flow.add(fetch::new(1_u64));
        run(flow, 0);
    }
    let counters = counters(&recorded(&snapshotter));
    assert_eq!(counters["dagcore_nodes_total end=succeeded stage=fetch workflow=twice"], 2);
}
