//! Trackers receive all events in order and do not delay the run.

mod late;

use dagcore::prelude::*;
use dagcore::{End, Error, Event, RunSnapshot, Tracker, testing};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[stage]
async fn page(name: String) -> Result<Vec<String>, String> {
    tokio::task::yield_now().await;
    match name.as_str() {
        "home" => Ok(vec!["news".into(), "gone".into(), "home".into()]),
        "news" => Ok(vec!["home".into(), "archive".into()]),
        "archive" => Ok(vec![]),
        _ => Err("404".into()),
    }
}

#[stage]
fn words(pages: Gathered<Vec<String>>) -> Vec<String> {
    pages.outputs().flatten().cloned().collect()
}

#[stage]
fn length(word: String) -> usize {
    word.len()
}

#[stage(adds(length))]
fn total(lengths: &[usize], context: &StageContext<total>) -> usize {
    context.grow(|grow| {
        grow.add(length::new("inside"));
    });
    lengths.iter().sum()
}

#[stage]
fn idle() {}

rule! {
    follow: when each(page), adds [page by key],
    then |grow, _node, links| for link in links { grow.add(page::new(link.clone()).key(link)); }
}

rule! {
    split: when closed(page), adds [words],
    then |grow, pages| { grow.add(words::new(pages).named("words")); }
}

/// A run that fails, grows by rules and from inside, has keys, names and a map.
fn everything() -> Workflow {
    let mut flow = Workflow::new("everything").rules(rules![follow, split]);
    let first = flow.add(page::new("home").key("home"));
    flow.add(idle::new().after(first));
    let gone = flow.add(page::new("nowhere"));
    flow.add(idle::new().after(gone).named("skipped"));
    let lengths = flow.map(first, length::new);
    flow.add(total::new(lengths));
    flow.rule(rule! { when |view| view.count::<words>() > 0, adds [idle], then |grow| { grow.add(idle::new()); } });
    flow.rule(rule! { when named("words"), adds [], then |_grow, _node| -> Result<(), String> { Err("no".into()) } });
    flow
}

/// A deadline for trackers that must be complete, even on a busy machine.
const LONG: Duration = Duration::from_secs(60);

type Log = Arc<Mutex<Vec<String>>>;

/// Records the events that it receives, and checks their consistency.
#[derive(Clone, Default)]
struct Scribe(Log);

impl Scribe {
    fn say(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn said(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Tracker for Scribe {
    fn name(&self) -> &str {
        "scribe"
    }

    fn drain_timeout(&self) -> Duration {
        LONG
    }

    fn start(&mut self, known: &RunSnapshot) {
        let names: Vec<String> = known.nodes().map(|node| known.name(node)).collect();
        self.say(format!("start {} {names:?}", known.workflow()));
        assert_eq!(known.counts().waiting, known.len());
    }

    fn event(&mut self, happened: &Event, known: &RunSnapshot) {
        let name = |node| known.name(node);
        self.say(match happened {
            Event::Started { node, at } => {
                assert_eq!((known.state(*node), known.started(*node)), (Some(NodeState::Running), Some(*at)));
                format!("started {}", name(*node))
            }
            Event::Succeeded { node, at } => {
                assert_eq!((known.state(*node), known.ended(*node)), (Some(NodeState::Succeeded), Some(*at)));
                format!("ended {}", name(*node))
            }
            Event::Failed { node, error, .. } => format!("ended {}: {error}", name(*node)),
            Event::Skipped { node, because, .. } => {
                assert_eq!((known.state(*node), known.started(*node)), (Some(NodeState::Skipped), None));
                format!("skipped {} because {}", name(*node), name(*because))
            }
            Event::Evaluated { rule, held, .. } => format!("asked {} {held}", known.rule_name(*rule)),
            Event::Fired { rule, additions: nodes, .. } => {
                assert_eq!(nodes.iter().next_back().map_or(known.len(), |last| last.index() + 1), known.len());
                let added: Vec<String> = nodes.iter().map(name).collect();
                format!("fired {} {added:?}", known.rule_name(*rule))
            }
            Event::Grown { node, additions: nodes, .. } => {
                format!("grown {} {:?}", name(*node), nodes.iter().map(name).collect::<Vec<_>>())
            }
            Event::RuleFailed { error, .. } => format!("failed {error}"),
            Event::Closed { stage, .. } => format!("closed {}", known.name_of_stage(*stage)),
            other => panic!("{other:?}"),
        });
    }

    fn missed(&mut self, events: u64, _known: &RunSnapshot) {
        self.say(format!("missed {events}"));
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        let End::Over(machine) = end else { return self.say("given up".to_owned()) };
        let graph = machine.graph();
        assert_eq!(known.len(), graph.len());
        for node in graph.nodes() {
            assert_eq!(known.name(node), graph.name(node));
            assert_eq!(known.state(node), graph.state(node));
            assert_eq!((known.started(node), known.ended(node)), (graph.started(node), graph.ended(node)));
        }
        // The tracker receives no event for the nodes and rules of the program, the start, and the end.
        let told = self.0.lock().unwrap().len() as u64 - 1;
        self.say(format!("end, {} not told{}", machine.events() - told, machine.stopped().map_or("", |_| ", stopped")));
    }
}

fn place(log: &[String], line: &str) -> usize {
    let found: Vec<usize> = (0..log.len()).filter(|at| log[*at].starts_with(line)).collect();
    assert_eq!(found.len(), 1, "`{line}` in {log:#?}");
    found[0]
}

fn check(log: &[String], report: &Report) {
    assert!(log[0].starts_with("start everything [\"page[home]\", \"idle#1\", \"page#2\", \"skipped\""), "{log:#?}");
    assert_eq!(log.last().unwrap(), "end, 4 not told");
    for node in report.graph().nodes() {
        let name = report.graph().name(node);
        if report.graph().state(node) == Some(NodeState::Skipped) {
            place(log, &format!("skipped {name} because"));
            continue;
        }
        let ends = [format!("ended {name}"), format!("ended {name}: ")];
        let ends: Vec<usize> =
            (0..log.len()).filter(|at| log[*at] == ends[0] || log[*at].starts_with(&ends[1])).collect();
        let starts: Vec<usize> = (0..log.len()).filter(|at| log[*at] == format!("started {name}")).collect();
        assert!(matches!((&starts[..], &ends[..]), ([start], [end]) if start < end), "`{name}` in {log:#?}");
    }
    let closed = place(log, "closed page");
    assert!(closed < place(log, "fired split [\"words\"]"));
    assert!(place(log, "ended page[gone]: node `page[gone]` failed: 404") < closed);
    assert!(place(log, "started total") < place(log, "grown total"));
    assert!(log.iter().filter(|line| line.starts_with("fired follow")).count() == 3, "{log:#?}");
    place(log, "fired map of length");
    place(log, "failed rule");
    assert_eq!(log.iter().filter(|line| line.starts_with("asked") && line.ends_with("true")).count(), 1);
}

fn failed(ran: Result<Report, Error>) -> Report {
    let report = ran.or_else(Error::into_report).unwrap();
    assert!(!report.is_success());
    report
}

#[test]
fn a_tracker_receives_all_events_in_order() {
    for _ in 0..20 {
        let scribe = Scribe::default();
        let report = failed(everything().track(scribe.clone()).run_blocking());
        check(&scribe.said(), &report);
        let [tracked] = report.trackers() else { panic!("there must be one tracker") };
        assert!(tracked.is_complete(), "{tracked}");
        assert_eq!((tracked.name(), tracked.seen()), ("scribe", scribe.said().len() as u64 - 2));
        assert!(!report.to_string().contains("tracker"), "{report}");
    }
}

#[test]
fn in_a_seeded_run_a_tracker_receives_the_same_events_every_time_and_misses_none() {
    for seed in 0..20 {
        let heard = [(), ()].map(|()| {
            let scribe = Scribe::default();
            let report = failed(testing::seeded(everything().track(scribe.clone()), seed));
            check(&scribe.said(), &report);
            assert!(report.trackers()[0].is_complete());
            scribe.said()
        });
        assert_eq!(heard[0], heard[1]);
    }
}

#[test]
fn several_trackers_receive_the_same_events() {
    let [a, b, c] = [(); 3].map(|()| Scribe::default());
    let flow = everything().track(a.clone()).track(b.clone()).track(c.clone());
    let report = failed(flow.run_blocking());
    check(&a.said(), &report);
    assert_eq!(a.said(), b.said());
    assert_eq!(a.said(), c.said());
    assert_eq!(report.trackers().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_tracker_does_not_advance_a_paused_clock() {
    let scribe = Scribe::default();
    let before = tokio::time::Instant::now();
    let report = failed(everything().track(scribe.clone()).run().await);
    check(&scribe.said(), &report);
    assert!(report.trackers()[0].is_complete());
    assert_eq!(before.elapsed(), report.duration());
}

/// Panics at the given place.
struct Careless(&'static str);

impl Careless {
    fn at(&self, place: &str) {
        assert_ne!(self.0, place, "careless");
    }
}

impl Tracker for Careless {
    fn drain_timeout(&self) -> Duration {
        LONG
    }

    fn start(&mut self, _known: &RunSnapshot) {
        self.at("start");
    }

    fn event(&mut self, happened: &Event, _known: &RunSnapshot) {
        if let Event::Skipped { .. } = happened {
            self.at("event");
        }
    }

    fn end(&mut self, _end: End<'_>, _known: &RunSnapshot) {
        self.at("end");
    }
}

impl Drop for Careless {
    fn drop(&mut self) {
        self.at("drop");
    }
}

/// Returns the given error, or panics instead.
struct Erring(Option<&'static str>);

impl Tracker for Erring {
    fn event(&mut self, _happened: &Event, _known: &RunSnapshot) {}

    fn error(&self) -> Option<String> {
        Some(self.0.expect("some error").to_owned())
    }
}

#[test]
fn problems_reported_by_a_tracker_are_in_the_report() {
    for seed in 0..5 {
        let flow = everything().track(Erring(Some("lost\u{7}it"))).track(Erring(None));
        let report = failed(testing::seeded(flow, seed));
        let [told, panicked] = report.trackers() else { panic!("there must be two trackers") };
        assert_eq!((told.error(), panicked.error()), (Some("lost\u{7}it"), Some("panicked: some error")));
        assert!(!told.is_complete() && told.left() == 0 && told.missed() == 0 && told.seen() == panicked.seen());
        let line = format!("took in {} events, and then lost\\u{{7}}it", told.seen());
        assert!(report.to_string().contains(&line), "{report}");
    }
}

#[test]
fn a_tracker_that_panics_is_disabled_and_reported() {
    for place in ["start", "event", "end"] {
        let scribe = Scribe::default();
        let report = failed(everything().track(Careless(place)).track(scribe.clone()).run_blocking());
        check(&scribe.said(), &report);
        let [careless, scribe] = report.trackers() else { panic!("there must be two trackers") };
        assert!(careless.error().unwrap().starts_with("panicked: assertion"), "{careless}");
        assert!(!careless.is_complete() && !careless.is_late() && scribe.is_complete());
        assert_eq!(careless.seen() == 0, place == "start");
        assert_eq!(careless.seen() == scribe.seen(), place == "end");
        let told = format!("tracker `tracking::Careless` took in {} events, and then panicked", careless.seen());
        assert!(report.to_string().contains(&told.replace("tracking", "behaviour::tracking")), "{report}");
    }
    let report = failed(everything().track(Careless("drop")).run_blocking());
    assert!(report.trackers()[0].is_complete());
}
