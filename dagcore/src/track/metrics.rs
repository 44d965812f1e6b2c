//! Counters, gauges and histograms of a run, through the `metrics` facade.

use crate::dag::{Counts, Machine, Name, NodeId, RuleId, StageId, Time};
use crate::port::{BriefEvent, End, RunSnapshot, Tracker};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, SharedString, Unit};

/// Records the events of a run through the `metrics` facade.
///
/// | metric | kind | labels | meaning |
/// |---|---|---|---|
/// | `dagcore_nodes_total` | counter | `workflow`, `stage`, `end` | nodes that ended, by state: `succeeded`, `failed`, `skipped` or `cancelled` |
/// | `dagcore_attempts_failed_total` | counter | `workflow`, `stage` | failed attempts that are retried |
/// | `dagcore_firings_total` | counter | `workflow`, `rule` | firings of a rule |
/// | `dagcore_nodes_running` | gauge | `workflow`, `stage` | nodes that are running |
/// | `dagcore_node_seconds` | histogram | `workflow`, `stage` | duration of the last attempt of a node |
///
/// Labels are names of workflows, stages and rules, of which a program has few, and never names of nodes. The exporter
/// escapes them. Concurrent runs add up. Metrics go to the global recorder, which must be installed before the run
/// starts, or to the recorder passed to [`to`](Self::to). When events were dropped, the counters of nodes and the gauge
/// are corrected as soon as the tracker is notified of the gap, and the counters of firings and attempts at the end;
/// only the histogram lacks the dropped events.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::track::Metrics;
///
/// #[stage]
/// fn half(n: u32) -> u32 {
///     n / 2
/// }
///
/// // metrics_exporter_prometheus::PrometheusBuilder::new().install()?;
/// let mut flow = Workflow::new("halves").track(Metrics::new());
/// flow.add(half::new(7_u32));
/// assert!(flow.run_blocking()?.trackers()[0].is_complete());
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Default)]
pub struct Metrics {
    to: Option<Box<dyn Recorder + Send + Sync>>,
    workflow: SharedString,
    stages: Vec<Option<OfStage>>,
    rules: Vec<Option<OfRule>>,
    has_missed: bool,
}

/// The metrics of a stage, and the values recorded so far.
struct OfStage {
    /// In the order of [`ended`].
    ends: [Counter; 4],
    attempts: Counter,
    running: Gauge,
    seconds: Histogram,
    told: [usize; 4],
    attempts_told: usize,
    running_told: usize,
}

struct OfRule {
    firings: Counter,
    told: u64,
}

const ENDS: [&str; 4] = ["succeeded", "failed", "skipped", "cancelled"];

/// Returns the number of nodes that ended in each state.
fn ended(counts: &Counts) -> [usize; 4] {
    [counts.succeeded, counts.failed, counts.skipped, counts.cancelled]
}

const NODES: &str = "dagcore_nodes_total";
const ATTEMPTS: &str = "dagcore_attempts_failed_total";
const FIRINGS: &str = "dagcore_firings_total";
const RUNNING: &str = "dagcore_nodes_running";
const SECONDS: &str = "dagcore_node_seconds";

const ABOUT: Metadata<'static> = Metadata::new("dagcore", Level::INFO, Some(module_path!()));

impl Metrics {
    /// Creates a tracker that records to the global recorder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a tracker that records to this recorder. An `Arc` of a recorder is a recorder too.
    pub fn to(recorder: impl Recorder + Send + Sync + 'static) -> Self {
        Self { to: Some(Box::new(recorder)), ..Self::default() }
    }

    fn stage(&mut self, stage: StageId, known: &RunSnapshot) -> &mut OfStage {
        let Self { to, workflow, stages, .. } = self;
        slot(stages, stage.index()).get_or_insert_with(|| {
            let labels = [("workflow", workflow.clone()), ("stage", label(known.name_of_stage(stage)))];
            recording(to, |to| OfStage::new(to, &labels))
        })
    }

    fn of_node(&mut self, node: NodeId, known: &RunSnapshot) -> Option<&mut OfStage> {
        known.stage(node).map(|stage| self.stage(stage, known))
    }

    fn rule(&mut self, rule: RuleId, known: &RunSnapshot) -> &mut OfRule {
        let Self { to, workflow, rules, .. } = self;
        slot(rules, rule.index()).get_or_insert_with(|| {
            let labels = [("workflow", workflow.clone()), ("rule", label(known.rule_name(rule)))];
            let firings = recording(to, |to| to.register_counter(&key(FIRINGS, &labels), &ABOUT));
            OfRule { firings, told: 0 }
        })
    }

    /// Records the difference between the counts and the values recorded so far.
    fn catch_up(&mut self, known: &RunSnapshot) {
        for stage in known.stages() {
            let counts = known.counts_of(stage);
            let of = self.stage(stage, known);
            for (place, now) in ended(&counts).into_iter().enumerate() {
                of.end(place, now.saturating_sub(of.told[place]));
            }
            of.runs(counts.running);
        }
    }

    /// Records the firings and failed attempts that were dropped, at the end of the run.
    fn catch_up_with(&mut self, machine: &Machine, known: &RunSnapshot) {
        for rule in (0..machine.rules()).map(RuleId::from_index) {
            let fired = u64::from(machine.fired(rule));
            if fired > 0 {
                let of = self.rule(rule, known);
                of.fire(fired.saturating_sub(of.told));
            }
        }
        let graph = machine.graph();
        for stage in graph.stages() {
            let failed = graph.nodes_of(stage).iter().map(|node| graph.failed_attempts(*node).len()).sum::<usize>();
            let of = self.stage(stage, known);
            of.fail_attempts(failed.saturating_sub(of.attempts_told));
        }
    }

    fn end_node(&mut self, node: NodeId, at: Time, place: usize, known: &RunSnapshot) {
        let (started, now) = (known.started(node), running(node, known));
        let Some(of) = self.of_node(node, known) else { return };
        of.end(place, 1);
        of.runs(now);
        if let Some(started) = started.filter(|_| place < 2) {
            of.seconds.record(at.since(started));
        }
    }
}

impl OfStage {
    fn new(to: &dyn Recorder, labels: &[(&'static str, SharedString)]) -> Self {
        let end = |end: &'static str| {
            let labels = [labels, &[("end", end.into())]].concat();
            to.register_counter(&key(NODES, &labels), &ABOUT)
        };
        Self {
            ends: ENDS.map(end),
            attempts: to.register_counter(&key(ATTEMPTS, labels), &ABOUT),
            running: to.register_gauge(&key(RUNNING, labels), &ABOUT),
            seconds: to.register_histogram(&key(SECONDS, labels), &ABOUT),
            told: [0; 4],
            attempts_told: 0,
            running_told: 0,
        }
    }

    fn end(&mut self, place: usize, more: usize) {
        if more > 0 {
            self.ends[place].increment(more as u64);
            self.told[place] += more;
        }
    }

    fn fail_attempts(&mut self, more: usize) {
        if more > 0 {
            self.attempts.increment(more as u64);
            self.attempts_told += more;
        }
    }

    /// Sets the number of running nodes, by the difference: other runs of the same workflow share the gauge.
    fn runs(&mut self, now: usize) {
        match now as f64 - self.running_told as f64 {
            0.0 => {}
            more => self.running.increment(more),
        }
        self.running_told = now;
    }
}

impl OfRule {
    fn fire(&mut self, more: u64) {
        if more > 0 {
            self.firings.increment(more);
            self.told += more;
        }
    }
}

impl Tracker for Metrics {
    fn name(&self) -> &str {
        "metrics"
    }

    fn start(&mut self, known: &RunSnapshot) {
        self.workflow = label(known.workflow());
        recording(&self.to, describe);
    }

    fn event(&mut self, happened: &BriefEvent, known: &RunSnapshot) {
        match *happened {
            BriefEvent::Started { node, .. } => {
                let now = running(node, known);
                if let Some(of) = self.of_node(node, known) {
                    of.runs(now);
                }
            }
            BriefEvent::Succeeded { node, at } => self.end_node(node, at, 0, known),
            BriefEvent::Failed { node, at, .. } => self.end_node(node, at, 1, known),
            BriefEvent::Skipped { node, at, .. } => self.end_node(node, at, 2, known),
            BriefEvent::Cancelled { node, at, .. } => self.end_node(node, at, 3, known),
            BriefEvent::AttemptFailed { node, .. } => {
                let now = running(node, known);
                if let Some(of) = self.of_node(node, known) {
                    of.fail_attempts(1);
                    of.runs(now);
                }
            }
            BriefEvent::Fired { rule, .. } => self.rule(rule, known).fire(1),
            _ => {}
        }
    }

    fn missed(&mut self, _events: u64, known: &RunSnapshot) {
        self.has_missed = true;
        self.catch_up(known);
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        if let End::Over(machine) = end {
            if self.has_missed {
                self.catch_up_with(machine, known);
            }
        }
        // Nodes that the run left unfinished are not running any more.
        self.stages.iter_mut().flatten().for_each(|of| of.runs(0));
    }
}

fn recording<T>(to: &Option<Box<dyn Recorder + Send + Sync>>, record: impl FnOnce(&dyn Recorder) -> T) -> T {
    match to {
        Some(recorder) => record(recorder),
        None => metrics::with_recorder(record),
    }
}

fn slot<T>(slots: &mut Vec<Option<T>>, index: usize) -> &mut Option<T> {
    if slots.len() <= index {
        slots.resize_with(index + 1, || None);
    }
    &mut slots[index]
}

fn running(node: NodeId, known: &RunSnapshot) -> usize {
    known.stage(node).map_or(0, |stage| known.counts_of(stage).running)
}

fn key(name: &'static str, labels: &[(&'static str, SharedString)]) -> Key {
    let labels: Vec<Label> = labels.iter().map(|(name, value)| Label::new(*name, value.clone())).collect();
    Key::from_parts(name, labels)
}

/// A name as the value of a label, shortened because exporters write it for each series.
fn label(name: &str) -> SharedString {
    Name(name).to_string().into()
}

fn describe(to: &dyn Recorder) {
    let name = |name: &'static str| KeyName::from_const_str(name);
    to.describe_counter(name(NODES), Some(Unit::Count), "Nodes that ended, by state.".into());
    to.describe_counter(name(ATTEMPTS), Some(Unit::Count), "Failed attempts that are retried.".into());
    to.describe_counter(name(FIRINGS), Some(Unit::Count), "Firings of rules.".into());
    to.describe_gauge(name(RUNNING), Some(Unit::Count), "Nodes that are running.".into());
    to.describe_histogram(name(SECONDS), Some(Unit::Seconds), "Duration of the last attempt of a node.".into());
}
