//! Events and spans of a run, through the `tracing` facade.

use crate::dag::{Counts, Machine, Message, Name, NodeError, NodeId, StageId, Time};
use crate::port::{BriefEvent, End, RunSnapshot, Tracker};
use ::tracing::dispatcher::{get_default, with_default};
use ::tracing::field::{Empty, display};
use ::tracing::level_filters::LevelFilter;
use ::tracing::subscriber::NoSubscriber;
use ::tracing::{Dispatch, Level, Span, debug, debug_span, enabled, error, info, info_span, warn};
use std::collections::HashMap;
use std::time::Duration;

/// Emits the events of a run as log events and spans, through the `tracing` facade.
///
/// Events have the target `dagcore`. Most information is in their fields; names and error messages are escaped and
/// shortened, and no values or arguments are included.
///
/// | event | level | fields, in addition to `at_ns` |
/// |---|---|---|
/// | `run started` | debug | `workflow`, `nodes`; no `at_ns` |
/// | `nodes added` by the program, or by a node while it ran | debug | `node`, `added`; `at_ns` only if added by a node |
/// | `node started` | debug | `node`, `stage`, `attempt` |
/// | `node succeeded` | debug | `node`, `stage`, `attempt`, `ran_ns` |
/// | `node failed` | error | `node`, `stage`, `attempt`, `ran_ns`, `error` |
/// | `attempt failed` | warn | `node`, `stage`, `attempt`, `again_ns`, `error` |
/// | `node skipped` | debug | `node`, `stage`, `because` |
/// | `node cancelled` | debug | `node`, `stage`, `error` |
/// | `rule fired` | debug | `rule`, `node`, `added` |
/// | `rule failed` | error | `rule`, `node`, `error` |
/// | `stage closed` | debug | `stage`, `node`, `at_rest` |
/// | `events dropped`: see [`Tracker`] | warn | `events`; no `at_ns` |
/// | `stage ended`, for each stage at the end of the run | info | `stage`, the counts, `ran_ns` of all its nodes and `longest_ns`; no `at_ns` |
/// | `run ended`, or `run stopped` with `why` | info, or warn | `workflow`, the counts, `at_ns` |
/// | `run given up` | warn | `workflow`, the counts |
///
/// `ran_ns` is the duration of the last attempt, and `attempt` counts from 1. `again_ns` is the earliest time of the
/// next attempt.
///
/// **Spans** have the target `dagcore::spans`: `run` (info) with `workflow`; in it `node` (debug) with `node` and
/// `stage` for each node that runs; in that `attempt` (debug) with `attempt` for each of its attempts. An event is
/// emitted in the span of its subject. Trackers receive events with a delay and on a thread of their own. So spans are
/// opened and closed when the tracker receives the event, in order, and the actual times are in their fields:
/// `started_ns` and, once they have ended, `ended_ns`, with `state` for nodes. To get events without spans, disable
/// that target: `dagcore=debug,dagcore::spans=off`.
///
/// All times are in nanoseconds since the run started. Events go to the subscriber that was the default where
/// [`new`](Self::new) was called, or to the global one if there was none. While all events are filtered out, the
/// overhead for the run is that of any tracker.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::track::Tracing;
///
/// #[stage]
/// fn half(n: u32) -> u32 {
///     n / 2
/// }
///
/// // tracing_subscriber::fmt().with_env_filter("dagcore=debug").init();
/// let mut flow = Workflow::new("halves").track(Tracing::new());
/// flow.add(half::new(7_u32).named("first"));
/// assert!(flow.run_blocking()?.trackers()[0].is_complete());
/// # Ok::<(), dagcore::Error>(())
/// ```
///
/// # OpenTelemetry
///
/// The spans are exported to OpenTelemetry with `tracing-opentelemetry` 0.34, `opentelemetry` and `opentelemetry_sdk`
/// 0.33 and `tracing-subscriber` 0.3. [`for_opentelemetry`](Self::for_opentelemetry) names them after the workflow,
/// after the node, and `attempt 1`. This example uses the exporter of `opentelemetry-otlp` 0.33 with its feature
/// `grpc-tonic`; any other exporter works too.
///
/// ```text
/// use opentelemetry::trace::TracerProvider;
/// use tracing_subscriber::layer::SubscriberExt;
/// use tracing_subscriber::util::SubscriberInitExt;
///
/// let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
///     .with_batch_exporter(opentelemetry_otlp::SpanExporter::builder().with_tonic().build()?)
///     .build();
/// let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("my program"));
/// tracing_subscriber::registry().with(layer).init();
///
/// let report = flow.track(Tracing::new().for_opentelemetry()).run().await?;
/// provider.shutdown()?; // exports the remaining spans
/// ```
///
/// The start and end times of a span are those at which the tracker received the events, in order and at most a few
/// milliseconds late, unless the tracker lags; `started_ns` and `ended_ns` are exact. The event of a failed node is an
/// error, so the status of its attempt is `Error`.
pub struct Tracing {
    /// The subscriber; `None` for the global one.
    to: Option<Dispatch>,
    names: bool,
    drain_timeout: Duration,
    run: Span,
    /// The spans of the nodes that have started and not ended.
    open: HashMap<NodeId, Open>,
    /// The number of failed attempts, by node.
    failed: HashMap<NodeId, u32>,
}

/// The spans of a node.
struct Open {
    node: Span,
    attempt: Span,
}

impl Default for Tracing {
    fn default() -> Self {
        Self::new()
    }
}

impl Tracing {
    /// Creates a tracker that emits to the current default subscriber.
    pub fn new() -> Self {
        let to = get_default(|to| (!to.is::<NoSubscriber>()).then(|| to.clone()));
        let (run, drain_timeout) = (Span::none(), Duration::from_secs(60));
        Self { to, names: false, drain_timeout, run, open: HashMap::new(), failed: HashMap::new() }
    }

    /// Sets how long the end of the run waits until all events are emitted, in real time. The default is one minute.
    pub fn drain_timeout(mut self, drain_timeout: Duration) -> Self {
        self.drain_timeout = drain_timeout;
        self
    }

    /// Adds a field `otel.name` to spans, which is their name in OpenTelemetry, and `otel.status_code` to failed nodes.
    pub fn for_opentelemetry(mut self) -> Self {
        self.names = true;
        self
    }

    fn telling(&mut self, tell: impl FnOnce(&mut Self)) {
        match self.to.clone() {
            Some(to) => with_default(&to, || tell(self)),
            None => tell(self),
        }
    }

    fn attempt(&self, node: NodeId) -> u32 {
        self.failed.get(&node).copied().unwrap_or_default() + 1
    }

    fn otel_name(&self, name: impl FnOnce() -> String) -> Option<String> {
        self.names.then(name)
    }

    /// Returns the innermost open span for events about a node.
    fn around(&self, node: NodeId) -> Span {
        let open = self.open.get(&node);
        let spans = open.into_iter().flat_map(|open| [&open.attempt, &open.node]).chain([&self.run]);
        spans.filter(|span| !span.is_disabled()).map(Span::clone).next().unwrap_or_else(Span::none)
    }

    fn started(&mut self, node: NodeId, at: Time, known: &RunSnapshot) {
        let attempt = self.attempt(node);
        let (at_ns, names) = (nanos(at), self.names);
        if enabled!(target: "dagcore::spans", Level::DEBUG) {
            let run = &self.run;
            let open = self.open.entry(node).or_insert_with(|| {
                let name = known.name(node);
                let span = debug_span!(
                    target: "dagcore::spans", parent: run, "node", node = %Name(&name),
                    stage = %Name(known.stage_name(node)), started_ns = at_ns, ended_ns = Empty, state = Empty,
                    otel.name = names.then(|| display(Name(&name))), otel.status_code = Empty
                );
                Open { node: span, attempt: Span::none() }
            });
            open.attempt = debug_span!(
                target: "dagcore::spans", parent: &open.node, "attempt", attempt, started_ns = at_ns, ended_ns = Empty,
                otel.name = names.then(|| display(format!("attempt {attempt}")))
            );
        }
        debug!(
            target: "dagcore", parent: &self.around(node), node = %Name(&known.name(node)),
            stage = %Name(known.stage_name(node)), attempt, at_ns, "node started"
        );
    }

    fn attempt_failed(&mut self, node: NodeId, error: &NodeError, until: Time, at: Time, known: &RunSnapshot) {
        warn!(
            target: "dagcore", parent: &self.around(node), node = %Name(&known.name(node)),
            stage = %Name(known.stage_name(node)), attempt = self.attempt(node), at_ns = nanos(at),
            again_ns = nanos(until), error = %error.cause(), "attempt failed"
        );
        *self.failed.entry(node).or_default() += 1;
        if let Some(open) = self.open.get_mut(&node) {
            open.attempt.record("ended_ns", nanos(at));
            open.attempt = Span::none();
        }
    }

    /// Emits the event of a node's end, and then closes its spans.
    fn ended(&mut self, happened: &BriefEvent, node: NodeId, at: Time, known: &RunSnapshot) {
        let around = self.around(node);
        let (name, stage) = (|| known.name(node), known.stage_name(node));
        let (at_ns, attempt) = (nanos(at), self.attempt(node));
        let ran_ns = known.started(node).map_or(0, |started| to_u64(at.since(started)));
        match happened {
            BriefEvent::Failed { error, .. } => error!(
                target: "dagcore", parent: &around, node = %Name(&name()), stage = %Name(stage), attempt, at_ns, ran_ns,
                error = %error.cause(), "node failed"
            ),
            BriefEvent::Skipped { because, .. } => debug!(
                target: "dagcore", parent: &around, node = %Name(&name()), stage = %Name(stage), at_ns,
                because = %Name(&known.name(*because)), "node skipped"
            ),
            BriefEvent::Cancelled { error, .. } => debug!(
                target: "dagcore", parent: &around, node = %Name(&name()), stage = %Name(stage), at_ns,
                error = %error.cause(), "node cancelled"
            ),
            _ => debug!(
                target: "dagcore", parent: &around, node = %Name(&name()), stage = %Name(stage), attempt, at_ns, ran_ns,
                "node succeeded"
            ),
        }
        drop(around);
        if let Some(open) = self.open.remove(&node) {
            self.close(open, node, known);
        }
    }

    fn close(&self, open: Open, node: NodeId, known: &RunSnapshot) {
        if let Some(at) = known.ended(node) {
            open.attempt.record("ended_ns", nanos(at));
            open.node.record("ended_ns", nanos(at));
        }
        if let Some(state) = known.state(node) {
            open.node.record("state", display(state));
            if self.names && state == crate::dag::NodeState::Failed {
                open.node.record("otel.status_code", "ERROR");
            }
        }
        drop(open.attempt); // before the node's span, which contains it
    }

    fn tell(&mut self, happened: &BriefEvent, known: &RunSnapshot) {
        let run = &self.run;
        let name = |node: &Option<NodeId>| node.map(|node| display(Name(&known.name(node)).to_string()));
        match *happened {
            BriefEvent::Started { node, at } => self.started(node, at, known),
            BriefEvent::AttemptFailed { node, ref error, until, at } => {
                self.attempt_failed(node, error, until, at, known);
            }
            BriefEvent::Succeeded { node, at }
            | BriefEvent::Failed { node, at, .. }
            | BriefEvent::Skipped { node, at, .. }
            | BriefEvent::Cancelled { node, at, .. } => self.ended(happened, node, at, known),
            BriefEvent::Fired { rule, ref binding, additions: nodes, at } => debug!(
                target: "dagcore", parent: run, rule = %Name(known.rule_name(rule)), node = name(binding),
                added = nodes.len(), at_ns = nanos(at), "rule fired"
            ),
            BriefEvent::RuleFailed { rule, ref binding, ref error, at } => error!(
                target: "dagcore", parent: run, rule = %Name(known.rule_name(rule)), node = name(binding),
                at_ns = nanos(at), error = %error.cause(), "rule failed"
            ),
            BriefEvent::Grown { node, additions: nodes, at } => debug!(
                target: "dagcore", parent: &self.around(node), node = %Name(&known.name(node)), added = nodes.len(),
                at_ns = nanos(at), "nodes added"
            ),
            BriefEvent::Added { additions: nodes, .. } => {
                debug!(target: "dagcore", parent: run, added = nodes.len(), "nodes added");
            }
            BriefEvent::Closed { stage, ref under, at_rest, at } => debug!(
                target: "dagcore", parent: run, stage = %Name(known.name_of_stage(stage)), node = name(under), at_rest,
                at_ns = nanos(at), "stage closed"
            ),
            BriefEvent::CancelRequested { ref why, at, .. } => debug!(
                target: "dagcore", parent: run, reason = %Message(why), at_ns = nanos(at), "cancel requested"
            ),
            BriefEvent::Evaluated { .. }
            | BriefEvent::RetryDue { .. }
            | BriefEvent::RunStarted { .. }
            | BriefEvent::RunStopped { .. }
            | BriefEvent::RunEnded { .. } => {}
        }
    }

    fn tell_end(&mut self, machine: Option<&Machine>, known: &RunSnapshot) {
        for (node, open) in std::mem::take(&mut self.open) {
            self.close(open, node, known);
        }
        let run = &self.run;
        if enabled!(target: "dagcore", Level::INFO) {
            let times = times(known);
            for (stage, (ran, longest)) in known.stages().map(|stage| (stage, of(&times, stage))) {
                let Counts { known: nodes, succeeded, failed, skipped, cancelled, .. } = known.counts_of(stage);
                info!(
                    target: "dagcore", parent: run, stage = %Name(known.name_of_stage(stage)), nodes, succeeded, failed,
                    skipped, cancelled, ran_ns = to_u64(ran), longest_ns = to_u64(longest), "stage ended"
                );
            }
        }
        let Counts { known: nodes, succeeded, failed, skipped, cancelled, .. } = known.counts();
        let workflow = Name(known.workflow());
        let at_ns = machine.and_then(Machine::ended).map(nanos);
        run.record("ended_ns", at_ns);
        match machine.map(Machine::stopped) {
            Some(None) => info!(
                target: "dagcore", parent: run, %workflow, nodes, succeeded, failed, skipped, cancelled, at_ns, "run ended"
            ),
            Some(Some(why)) => warn!(
                target: "dagcore", parent: run, %workflow, nodes, succeeded, failed, skipped, cancelled, at_ns,
                why = %Message(why), "run stopped"
            ),
            None => warn!(
                target: "dagcore", parent: run, %workflow, nodes, succeeded, failed, skipped, cancelled, "run given up"
            ),
        }
        self.run = Span::none();
    }
}

impl Tracker for Tracing {
    fn name(&self) -> &str {
        "tracing"
    }

    fn drain_timeout(&self) -> Duration {
        self.drain_timeout
    }

    fn start(&mut self, known: &RunSnapshot) {
        self.telling(|this| {
            let workflow = Name(known.workflow());
            this.run = info_span!(
                target: "dagcore::spans", parent: None, "run", %workflow, started_ns = 0_u64, ended_ns = Empty,
                otel.name = this.otel_name(|| workflow.to_string())
            );
            debug!(target: "dagcore", parent: &this.run, %workflow, nodes = known.len(), "run started");
        });
    }

    fn event(&mut self, happened: &BriefEvent, known: &RunSnapshot) {
        let is_failure = matches!(
            happened,
            BriefEvent::AttemptFailed { .. } | BriefEvent::Failed { .. } | BriefEvent::RuleFailed { .. }
        );
        if !is_failure && self.open.is_empty() && LevelFilter::current() < Level::DEBUG {
            return;
        }
        self.telling(|this| this.tell(happened, known));
    }

    fn missed(&mut self, events: u64, known: &RunSnapshot) {
        self.telling(|this| {
            warn!(target: "dagcore", parent: &this.run, events, "events dropped");
            let over = |node: &NodeId| known.state(*node).is_some_and(|state| state.is_settled());
            let gone: Vec<NodeId> = this.open.keys().copied().filter(over).collect();
            for node in gone {
                if let Some(open) = this.open.remove(&node) {
                    this.close(open, node, known);
                }
            }
        });
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        let machine = match end {
            End::Over(machine) => Some(machine),
            End::GivenUp => None,
        };
        self.telling(|this| this.tell_end(machine, known));
    }
}

/// Returns how long the nodes of each stage ran in their last attempts: the sum and the maximum.
fn times(known: &RunSnapshot) -> HashMap<StageId, (Duration, Duration)> {
    let mut times: HashMap<StageId, (Duration, Duration)> = HashMap::new();
    for node in known.nodes() {
        if let (Some(stage), Some(from), Some(to)) = (known.stage(node), known.started(node), known.ended(node)) {
            let (all, longest) = times.entry(stage).or_default();
            let ran = to.since(from);
            (*all, *longest) = (all.saturating_add(ran), ran.max(*longest));
        }
    }
    times
}

fn of(times: &HashMap<StageId, (Duration, Duration)>, stage: StageId) -> (Duration, Duration) {
    times.get(&stage).copied().unwrap_or_default()
}

fn nanos(at: Time) -> u64 {
    at.nanos_since(Time::START)
}

fn to_u64(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
