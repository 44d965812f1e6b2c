//! The trackers included in the library, each applied to the same runs in virtual time.

mod dump;
mod ended;
mod hostile;
mod malformed;
mod metrics;
mod missed;
mod opentelemetry;
mod perfetto;
mod snapshots;
mod tracing;

use dagcore::prelude::*;
use dagcore::{Backoff, End, Error, Event, RunSnapshot, Tracker, testing};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A duration in seconds.
const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One second in nanoseconds.
const S: u64 = 1_000_000_000;

/// Must not appear in any file or line: it is an argument and an output of nodes.
const SECRET: &str = "s3cret";

/// Must not reach a terminal unescaped.
const HOSTILE: &str = "evil\u{1b}[2J\n\u{7f}\u{9b}\u{202e}\"name\"";

#[stage]
async fn fetch(seconds: u64) -> u64 {
    tokio::time::sleep(s(seconds)).await;
    seconds
}

/// Fails `failures` times, each time after a second.
#[stage(retries = 2, backoff = Backoff::fixed(s(1)))]
async fn flaky(failures: u32, context: &StageContext) -> Result<u32, String> {
    tokio::time::sleep(s(1)).await;
    if context.attempt() <= failures { Err(format!("too soon: {}", context.attempt())) } else { Ok(failures) }
}

#[stage]
async fn broken() -> Result<u64, String> {
    Err("no\u{7}".to_owned())
}

#[stage]
async fn word(text: String) -> String {
    tokio::time::sleep(s(1)).await;
    text
}

#[stage]
fn total(words: Gathered<String>) -> usize {
    words.len()
}

#[stage]
fn list() -> Vec<u64> {
    vec![2, 2, 1]
}

#[stage(adds(word))]
async fn grows(context: &StageContext<grows>) -> u64 {
    context.grow(|grow| {
        grow.add(word::new(SECRET));
    });
    1
}

rule! {
    follow: when each(fetch), adds [word by key],
    then |grow, _node, seconds| { grow.add(word::new(SECRET).key(seconds)); }
}

rule! {
    finish: when closed(word), adds [total],
    then |grow, words| { grow.add(total::new(words).named("all words")); }
}

/// A run with all features: names, keys, lists, growth by rules and from inside, failures, skips and retries.
fn everything() -> Workflow {
    let mut flow = Workflow::new("everything").rules(rules![follow, finish]);
    let a = flow.add(fetch::new(1_u64).named("a"));
    flow.add(fetch::new(a).named(HOSTILE));
    flow.add(flaky::new(1_u32).named("again"));
    flow.add(flaky::new(9_u32));
    let gone = flow.add(broken::new());
    flow.add(fetch::new(gone).after(a));
    let lists = flow.add(list::new());
    let fetched = flow.map(lists, fetch::new);
    flow.add(word::new(SECRET).after(fetched).named("late"));
    flow.add(grows::new());
    flow.rule(rule! { when named("a"), adds [], then |_grow, _node| -> Result<(), String> { Err("not a".into()) } });
    flow
}

/// Runs a workflow in virtual time. The run fails, but not because of its trackers.
fn run(flow: Workflow, seed: u64) -> Report {
    let report = testing::seeded(flow, seed).or_else(Error::into_report).unwrap();
    let errors: Vec<_> = report.trackers().iter().filter_map(|tracked| tracked.error()).collect();
    assert_eq!(errors, [""; 0]);
    report
}

/// A temporary folder, removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("dagcore-track-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names of all files in the folder.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Inspects a tracker after each event that it received.
struct Looking<T, F>(T, F);

impl<T: Tracker, F: FnMut(&Event, &RunSnapshot) + Send> Tracker for Looking<T, F> {
    fn start(&mut self, known: &RunSnapshot) {
        self.0.start(known);
    }

    fn event(&mut self, happened: &Event, known: &RunSnapshot) {
        self.0.event(happened, known);
        self.1(happened, known);
    }

    fn end(&mut self, end: End<'_>, known: &RunSnapshot) {
        self.0.end(end, known);
    }

    fn error(&self) -> Option<String> {
        self.0.error()
    }
}

/// Checks a tracker that cannot write its file, for several paths.
fn cannot_write<T: Tracker + 'static>(to: fn(PathBuf) -> T, name: &str) {
    let folder = Folder::new();
    let path = folder.file("missing").join("file");
    let mut flow = Workflow::new("no disk").track(to(path.clone()));
    flow.add(fetch::new(1_u64));
    let report = testing::seeded(flow, 0).unwrap();
    let [tracked] = report.trackers() else { panic!("there must be one tracker") };
    let error = tracked.error().unwrap();
    assert!(error.starts_with(&format!("could not write `{}`", path.display())), "{error}");
    assert!(error.contains("No such file"), "{error}");
    assert!(!tracked.is_complete() && tracked.seen() > 0 && tracked.left() == 0);
    let told = format!("tracker `{name}` took in {} events, and then {error}", tracked.seen());
    assert!(report.to_string().contains(&told), "{report}");
    assert_eq!(folder.files(), [""; 0]);
}
