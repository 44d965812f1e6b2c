//! The recipe of `Tracing` for OpenTelemetry, with an exporter that stores the spans it receives.

use super::{everything, run};
use dagcore::dag::{NodeId, NodeState};
use dagcore::track::Tracing;
use opentelemetry::trace::{SpanId, Status, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use std::collections::BTreeMap;
use tracing_subscriber::layer::SubscriberExt;

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
    found.map(|attribute| attribute.value.to_string())
}

#[test]
fn spans_have_the_names_the_parents_and_the_count_that_the_run_has() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("tests"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let lines = tracing::subscriber::with_default(subscriber, || Tracing::new().for_opentelemetry());
    let report = run(everything().track(lines), 0);
    provider.force_flush().unwrap();
    let spans = exporter.get_finished_spans().unwrap();

    let by_id: BTreeMap<[u8; 8], &SpanData> =
        spans.iter().map(|span| (span.span_context.span_id().to_bytes(), span)).collect();
    let roots: Vec<&SpanData> = spans.iter().filter(|span| span.parent_span_id == SpanId::INVALID).collect();
    let [root] = roots[..] else { panic!("{roots:#?}") };
    assert_eq!((root.name.as_ref(), attribute(root, "workflow").as_deref()), ("everything", Some("everything")));
    assert_eq!(attribute(root, "ended_ns"), Some(report.duration().as_nanos().to_string()));

    // Expected from the run: the name of a node or attempt, the name of its parent, and its times.
    let graph = report.graph();
    let mut expected = Vec::new();
    let ns = |at: dagcore::dag::Time| at.since_start().as_nanos().to_string();
    let ran = |node: &NodeId| graph.started(*node).is_some();
    for node in graph.nodes().filter(ran) {
        let name = dagcore::dag::Name(&graph.name(node)).to_string();
        let failed = graph.failed_attempts(node);
        let times = failed.iter().map(|attempt| (attempt.started, attempt.ended));
        let mut times: Vec<_> = times.chain([(graph.started(node).unwrap(), graph.ended(node).unwrap())]).collect();
        for (attempt, (from, to)) in times.iter().enumerate() {
            expected.push((format!("attempt {}", attempt + 1), name.clone(), ns(*from), ns(*to)));
        }
        let (from, to) = (times.remove(0).0, graph.ended(node).unwrap());
        expected.push((name, "everything".to_owned(), ns(from), ns(to)));
    }
    let told = spans.iter().filter(|span| span.parent_span_id != SpanId::INVALID).map(|span| {
        let parent = by_id[&span.parent_span_id.to_bytes()];
        assert_eq!(span.span_context.trace_id(), root.span_context.trace_id());
        let time = |name| attribute(span, name).unwrap();
        (span.name.to_string(), parent.name.to_string(), time("started_ns"), time("ended_ns"))
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    assert!(spans.len() == expected.len() + 1 && spans.len() > 30, "{}", spans.len());

    let failed = graph.nodes().filter(|node| graph.state(*node) == Some(NodeState::Failed)).count();
    let errors =
        spans.iter().filter(|span| attribute(span, "node").is_some() && matches!(span.status, Status::Error { .. }));
    assert_eq!((errors.count(), failed), (2, 2));
}
