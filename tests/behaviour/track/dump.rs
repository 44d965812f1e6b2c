//! Dumps: the loaded graph is the graph of the run, and is drawn the same way.

use super::{Folder, HOSTILE, S, SECRET, cannot_write, everything, fetch, read, run, s, total};
use dagcore::prelude::*;
use dagcore::track::{Dump, Dumped, DumpedNode};
use dagcore::view::Picture;
use dagcore::{Error, Event, RunSnapshot, Tracker, dag};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// The rule, time, binding, additions and error of a firing.
type Firing = (String, u64, Option<usize>, Vec<usize>, Option<String>);

/// Records the firings of rules, to compare them with the dump.
#[derive(Clone, Default)]
struct Firings(Arc<Mutex<Vec<Firing>>>);

impl Tracker for Firings {
    fn event(&mut self, happened: &Event, known: &RunSnapshot) {
        let (rule, bound, added, error) = match happened {
            Event::Fired { rule, binding, additions: nodes, .. } => (rule, binding, nodes.iter().collect(), None),
            Event::RuleFailed { rule, binding, error, .. } => {
                (rule, binding, Vec::new(), Some(error.cause().to_string()))
            }
            _ => return,
        };
        let added = added.into_iter().map(dag::NodeId::index).collect();
        let firing =
            (known.rule_name(*rule).to_owned(), ns(happened.at()), bound.map(|node| node.index()), added, error);
        self.0.lock().unwrap().push(firing);
    }
}

fn ns(at: dag::Time) -> u64 {
    at.since_start().as_nanos() as u64
}

fn same_node(node: &DumpedNode, report: &Report) {
    let graph = report.graph();
    let id = dag::NodeId::from_index(node.id);
    let index = |node: dag::NodeId| node.index();
    assert_eq!(node.name, graph.name(id));
    assert_eq!((node.given_name.as_deref(), node.key.as_deref()), (graph.given_name(id), graph.key(id)));
    assert_eq!(node.stage, graph.stage_info(graph.stage(id).unwrap()).name);
    assert_eq!(Some(node.state), graph.state(id));
    let parents: Vec<_> = node.parents.iter().map(|edge| (edge.node, edge.need)).collect();
    assert_eq!(parents, graph.parents(id).map(|edge| (edge.from.index(), edge.need)).collect::<Vec<_>>());
    assert_eq!(node.added_by, graph.added_by(id).map(index));
    assert_eq!(node.lineage_parent, graph.lineage_parent(id).map(index));
    assert_eq!((node.started_ns, node.ended_ns), (graph.started(id).map(ns), graph.ended(id).map(ns)));
    assert_eq!(node.error, graph.error(id).map(|error| error.cause().to_string()));
    assert_eq!(node.skipped_because, graph.skipped_because(id).map(index));
    let attempts = node.failed_attempts.iter().map(|a| (a.started_ns, a.ended_ns, a.until_ns, a.error.clone()));
    let expected = graph
        .failed_attempts(id)
        .iter()
        .map(|a| (ns(a.started), ns(a.ended), ns(a.until), a.error.cause().to_string()));
    assert!(attempts.eq(expected), "{node:?}");
}

fn same(dumped: &Dumped, report: &Report) {
    assert_eq!((dumped.version, dumped.missed), (Dump::VERSION, 0));
    assert_eq!((dumped.workflow.as_str(), dumped.stopped.as_deref()), (report.name(), report.stopped()));
    assert_eq!(u128::from(dumped.duration_ns), report.duration().as_nanos());
    assert_eq!(dumped.nodes.len(), report.len());
    dumped.nodes.iter().for_each(|node| same_node(node, report));
    let (loaded, ran) = (Picture::of(dumped), Picture::of(report.graph()));
    assert_eq!((loaded.svg(), loaded.dot(), loaded.mermaid()), (ran.svg(), ran.dot(), ran.mermaid()));
}

#[test]
fn a_loaded_dump_has_the_graph_of_the_run_and_is_drawn_the_same() {
    let folder = Folder::new();
    for seed in 0..20 {
        let path = folder.file(&format!("{seed}.json"));
        let heard = Firings::default();
        let report = run(everything().track(Dump::to(&path)).track(heard.clone()), seed);
        let dumped = Dump::load(&path).unwrap();
        same(&dumped, &report);
        let mut firings: Vec<Firing> = Vec::new();
        for rule in &dumped.rules {
            let done = rule.firings.iter().filter(|firing| firing.error.is_none()).count();
            assert_eq!(rule.fired as usize, done, "{}", rule.name);
            firings.extend(
                rule.firings
                    .iter()
                    .cloned()
                    .map(|firing| (rule.name.clone(), firing.at_ns, firing.bound, firing.added, firing.error)),
            );
        }
        let mut heard = heard.0.lock().unwrap().clone();
        heard.sort();
        firings.sort();
        assert_eq!(firings, heard);
        let failed = firings.iter().filter(|(.., error)| error.as_deref() == Some("not a")).count();
        assert!(firings.len() > 5 && failed == 1, "{firings:?}");
    }
    assert_eq!(folder.files().len(), 20, "no other files must be left beside the dumps");
}

#[test]
fn times_are_those_of_the_run_and_names_are_as_they_were() {
    let folder = Folder::new();
    let path = folder.file("dump.json");
    run(everything().track(Dump::to(&path)), 0);
    let dumped = Dump::load(&path).unwrap();
    let named = |name: &str| dumped.nodes.iter().find(|node| node.name == name).unwrap();
    let times = |name: &str| (named(name).added_ns, named(name).started_ns, named(name).ended_ns);
    assert_eq!(times("a"), (Some(0), Some(0), Some(S)));
    assert_eq!(times(HOSTILE), (Some(0), Some(S), Some(2 * S)));
    assert_eq!(times("again"), (Some(0), Some(2 * S), Some(3 * S)));
    // `follow` adds it when the first `fetch` has ended, after one second.
    assert_eq!(times("word[1]"), (Some(S), Some(S), Some(2 * S)));
    let skipped = dumped.nodes.iter().find(|node| node.state == NodeState::Skipped).unwrap();
    assert_eq!((skipped.started_ns, skipped.skipped_because), (None, Some(named("broken#4").id)));
    assert!(!read(&path).contains(SECRET));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_is_dumped_with_the_reason() {
    let folder = Folder::new();
    let path = folder.file("dump.json");
    let mut flow = Workflow::new("cancelled").track(Dump::to(&path)).grace(s(1)).concurrency(1);
    flow.add(fetch::new(1_u64));
    flow.add(fetch::new(60_u64));
    flow.add(fetch::new(60_u64));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(2)).await;
    run.cancel();
    let report = run.wait().await.or_else(Error::into_report).unwrap();
    let dumped = Dump::load(&path).unwrap();
    same(&dumped, &report);
    assert!(dumped.stopped.is_some());
    let states: Vec<_> = dumped.nodes.iter().map(|node| node.state).collect();
    assert_eq!(states, [NodeState::Succeeded, NodeState::Cancelled, NodeState::Cancelled]);
}

#[test]
fn an_empty_run_is_dumped_too() {
    let folder = Folder::new();
    let path = folder.file("dump.json");
    let report = run(Workflow::new("").track(Dump::to(&path)), 0);
    same(&Dump::load(&path).unwrap(), &report);
}

#[test]
fn a_dump_matches_its_schema_and_the_schema_refuses_a_missing_field() {
    let folder = Folder::new();
    let path = folder.file("dump.json");
    run(everything().track(Dump::to(&path)), 0);
    let schema: Value = serde_json::from_str(Dump::SCHEMA).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let dump: Value = serde_json::from_str(&read(&path)).unwrap();
    validator.validate(&dump).unwrap();
    let words = NodeState::ALL.iter().map(|state| state.to_string().replace(' ', "_"));
    let states = schema.pointer("/$defs/node/properties/state/enum").unwrap();
    assert_eq!(*states, Value::from_iter(words));

    let full = dump["nodes"].as_array().unwrap().iter().position(|node| node["name"] == "again").unwrap();
    let fired = dump["rules"].as_array().unwrap().iter().position(|rule| rule["name"] == "follow").unwrap();
    let places = [
        String::new(),
        format!("/nodes/{full}"),
        format!("/nodes/{full}/failed_attempts/0"),
        "/nodes/1/parents/0".to_owned(),
        format!("/rules/{fired}"),
        format!("/rules/{fired}/firings/0"),
    ];
    let mut tried = 0;
    for place in places {
        let fields: Vec<String> = dump.pointer(&place).unwrap().as_object().unwrap().keys().cloned().collect();
        for field in fields {
            let mut without = dump.clone();
            without.pointer_mut(&place).unwrap().as_object_mut().unwrap().remove(&field);
            assert!(!validator.is_valid(&without), "{place}/{field}");
            let mut more = dump.clone();
            more.pointer_mut(&place).unwrap()["more"] = Value::Null;
            assert!(!validator.is_valid(&more), "{place}/more");
            tried += 1;
        }
    }
    assert_eq!(tried, 7 + 15 + 4 + 2 + 3 + 4);
}

#[test]
fn a_dump_that_cannot_be_written_is_reported() {
    cannot_write(Dump::to, "dump");
}

#[test]
fn an_existing_file_is_replaced() {
    let folder = Folder::new();
    let path = folder.file("dump.json");
    std::fs::write(&path, "what was there ".repeat(10_000)).unwrap();
    let mut flow = Workflow::new("replaces").track(Dump::to(&path));
    flow.add(total::new(Vec::<Node<String>>::new()));
    let report = run(flow, 0);
    same(&Dump::load(&path).unwrap(), &report);
    assert_eq!(folder.files(), ["dump.json"]);
}
