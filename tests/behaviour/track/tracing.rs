//! Lines and spans, as received by a `tracing` subscriber.

use super::{HOSTILE, SECRET, broken, everything, fetch, flaky, run, s};
use ::tracing::level_filters::LevelFilter;
use ::tracing::{Subscriber, span};
use dagcore::Error;
use dagcore::prelude::*;
use dagcore::track::Tracing;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The data received by a subscriber: lines as text, and the number of open spans.
#[derive(Clone)]
pub(super) struct Hearing {
    level: LevelFilter,
    out: Arc<Mutex<Vec<u8>>>,
    opened: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
}

impl Hearing {
    pub(super) fn new(level: LevelFilter) -> Self {
        Self { level, out: Arc::default(), opened: Arc::default(), closed: Arc::default() }
    }

    /// A tracker that emits to this subscriber.
    pub(super) fn tracker(&self) -> Tracing {
        let own = self.clone();
        let lines = tracing_subscriber::fmt::layer().without_time().with_ansi(false).with_writer(move || own.clone());
        let subscriber = tracing_subscriber::registry().with(self.level).with(lines).with(self.clone());
        ::tracing::subscriber::with_default(subscriber, Tracing::new)
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.out.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.trim_start().to_owned()).collect()
    }

    /// The number of spans that have not been closed.
    pub(super) fn open(&self) -> usize {
        self.opened.load(Ordering::Relaxed) - self.closed.load(Ordering::Relaxed)
    }
}

impl Write for Hearing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<S: Subscriber> Layer<S> for Hearing {
    fn on_new_span(&self, _: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.opened.fetch_add(1, Ordering::Relaxed);
    }

    fn on_close(&self, _: span::Id, _: Context<'_, S>) {
        self.closed.fetch_add(1, Ordering::Relaxed);
    }
}

/// A node that is retried, its dependent, one that fails and one that is skipped; one after another.
fn small() -> Workflow {
    let mut flow = Workflow::new("small").concurrency(1);
    let again = flow.add(flaky::new(1_u32).named("again"));
    let gone = flow.add(broken::new().after(again));
    flow.add(fetch::new(gone));
    flow
}

#[test]
fn each_event_is_a_line_in_its_span() {
    let heard = Hearing::new(LevelFilter::DEBUG);
    run(small().track(heard.tracker()), 0);
    let run = "run{workflow=small started_ns=0}";
    let again = |attempt| format!("{run}:node{{node=again stage=flaky started_ns=0}}:attempt{{attempt={attempt}");
    let broken = format!(
        "{run}:node{{node=broken#1 stage=broken started_ns=3000000000}}:attempt{{attempt=1 started_ns=3000000000}}"
    );
    let expected = [
        format!("DEBUG {run}: dagcore: run started workflow=small nodes=3"),
        format!("DEBUG {} started_ns=0}}: dagcore: node started node=again stage=flaky attempt=1 at_ns=0", again(1)),
        format!(
            "WARN {} started_ns=0}}: dagcore: attempt failed node=again stage=flaky attempt=1 at_ns=1000000000 \
             again_ns=2000000000 error=too soon: 1",
            again(1)
        ),
        format!(
            "DEBUG {} started_ns=2000000000}}: dagcore: node started node=again stage=flaky attempt=2 at_ns=2000000000",
            again(2)
        ),
        format!(
            "DEBUG {} started_ns=2000000000}}: dagcore: node succeeded node=again stage=flaky attempt=2 \
             at_ns=3000000000 ran_ns=1000000000",
            again(2)
        ),
        format!("DEBUG {broken}: dagcore: node started node=broken#1 stage=broken attempt=1 at_ns=3000000000"),
        format!(
            "ERROR {broken}: dagcore: node failed node=broken#1 stage=broken attempt=1 at_ns=3000000000 ran_ns=0 \
             error=no\\u{{7}}"
        ),
        format!("DEBUG {run}: dagcore: node skipped node=fetch#2 stage=fetch at_ns=3000000000 because=broken#1"),
    ];
    let lines = heard.lines();
    let (told, mut end) = (lines[..8].to_vec(), lines[8..].to_vec());
    assert_eq!(told, expected);
    // Stages are ordered by their ids, which differ between programs.
    end[..3].sort();
    let stage = |name, counts, ran| {
        format!(
            "INFO {run}: dagcore: stage ended stage={name} nodes=1 {counts} cancelled=0 ran_ns={ran} longest_ns={ran}"
        )
    };
    let expected = [
        stage("broken", "succeeded=0 failed=1 skipped=0", 0),
        stage("fetch", "succeeded=0 failed=0 skipped=1", 0),
        stage("flaky", "succeeded=1 failed=0 skipped=0", 1_000_000_000_u64),
        "INFO run{workflow=small started_ns=0 ended_ns=3000000000}: dagcore: run ended workflow=small nodes=3 \
         succeeded=1 failed=1 skipped=1 cancelled=0 at_ns=3000000000"
            .to_owned(),
    ];
    assert_eq!(end, expected);
    assert_eq!(heard.open(), 0);
}

#[test]
fn at_info_only_failures_and_the_end_are_logged() {
    let heard = Hearing::new(LevelFilter::INFO);
    run(everything().track(heard.tracker()), 0);
    let lines = heard.lines();
    let count = |what: &str| lines.iter().filter(|line| line.contains(what)).count();
    assert_eq!((count("WARN"), count("attempt failed")), (3, 3), "{lines:#?}");
    assert_eq!((count("ERROR"), count("node failed"), count("rule failed")), (3, 2, 1), "{lines:#?}");
    assert_eq!((count("INFO"), count("stage ended"), count("run ended")), (9, 8, 1), "{lines:#?}");
    assert_eq!(lines.len(), 15, "{lines:#?}");
    let fetch = lines.iter().find(|line| line.contains("stage ended stage=fetch ")).unwrap();
    let counts = "nodes=6 succeeded=5 failed=0 skipped=1 cancelled=0 ran_ns=7000000000 longest_ns=2000000000";
    assert!(fetch.ends_with(counts), "{fetch}");
}

#[test]
fn nothing_is_logged_without_a_subscriber() {
    let heard = Hearing::new(LevelFilter::OFF);
    let report = run(everything().track(heard.tracker()).track(Tracing::new()), 0);
    assert_eq!((heard.lines(), heard.open()), (vec![], 0));
    assert!(report.trackers().iter().all(|tracked| tracked.is_complete()));
}

#[test]
fn lines_have_no_values_and_nothing_that_moves_a_cursor() {
    let heard = Hearing::new(LevelFilter::TRACE);
    run(everything().track(heard.tracker()), 0);
    let lines = heard.lines();
    let said = format!("node={}", dagcore::dag::Name(HOSTILE));
    assert!(lines.iter().any(|line| line.contains("node started") && line.contains(&said)), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("node=grows#9") && line.contains("nodes added")), "{lines:#?}");
    for line in &lines {
        assert!(!line.contains(SECRET), "{line}");
        assert!(line.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{line}");
        assert!(["DEBUG", "INFO", "WARN", "ERROR"].iter().any(|level| line.starts_with(level)), "{line}");
    }
    assert_eq!(heard.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_logs_the_reason_and_closes_its_spans() {
    let heard = Hearing::new(LevelFilter::DEBUG);
    let mut flow = Workflow::new("cancelled").track(heard.tracker()).grace(s(0));
    flow.add(fetch::new(60_u64));
    let run = flow.start().unwrap();
    tokio::time::sleep(s(2)).await;
    run.cancel();
    run.wait().await.or_else(Error::into_report).unwrap();
    let lines = heard.lines();
    let last = lines.last().unwrap();
    assert!(last.starts_with("WARN run{") && last.contains("run stopped workflow=cancelled nodes=1"), "{last}");
    assert!(last.contains("cancelled=1") && last.contains(" why="), "{last}");
    assert!(lines.iter().any(|line| line.starts_with("DEBUG") && line.contains("node cancelled")), "{lines:#?}");
    assert_eq!(heard.open(), 0);
}
