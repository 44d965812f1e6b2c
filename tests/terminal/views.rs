//! Views of runs in this process.

use crate::screens::{Terminal, stage_lines};
use dagcore::prelude::*;
use dagcore::track::ProgressBars;
use dagcore::{Error, GrowthLimits};
use std::io;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

macro_rules! stages {
    ($($name:ident)*) => {
        $(#[stage] async fn $name(n: u64) -> Result<u64, String> {
            if n == 13 { Err(format!("{n} is\nbad luck")) } else { Ok(n) }
        })*

        /// Two nodes of each stage.
        fn many() -> Workflow {
            let mut flow = Workflow::new("many");
            $(for n in 0..2_u64 { flow.add($name::new(n)); })*
            flow
        }
    };
}

stages! { s01 s02 s03 s04 s05 s06 s07 s08 s09 s10 s11 s12 s13 s14 s15 }

#[stage(inline)]
fn quick(n: u64) -> u64 {
    n
}

fn quick_ones(count: u64) -> Workflow {
    let mut flow = Workflow::new("quick");
    for n in 0..count {
        flow.add(quick::new(n));
    }
    flow
}

#[test]
fn stages_beyond_a_dozen_are_summed_up() {
    let terminal = Terminal::new(30, 100, || Ok(()));
    many().track(ProgressBars::new().to_terminal(terminal.clone())).run_blocking().unwrap();
    let screen = terminal.contents();
    let stages: Vec<String> = stage_lines(&screen).map(|(name, _)| name).collect();
    assert_eq!(stages, ["s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09", "s10", "s11", "s12"]);
    assert_eq!(screen.lines().last(), Some("  and 3 more stages: 6 of 6"), "{screen}");
}

#[test]
fn a_terminal_that_is_low_and_narrow_gets_what_there_is_room_for() {
    for (rows, columns) in [(2, 10), (4, 2), (3, 39), (5, 45), (8, 69), (24, 70)] {
        let terminal = Terminal::new(rows, columns, || Ok(()));
        let report = many().track(ProgressBars::new().to_terminal(terminal.clone())).run_blocking().unwrap();
        assert!(report.trackers()[0].is_complete(), "{report}");
        let screen = terminal.contents();
        assert!(screen.lines().count() <= usize::from(rows), "{screen}");
        let stages = if columns < 9 {
            0
        } else if rows < 24 {
            usize::from(rows.saturating_sub(3))
        } else {
            12
        };
        assert_eq!(screen.lines().filter(|line| line.starts_with("  s")).count(), stages, "{screen}");
        // Together with the line below the summary, it may exceed the screen by one row.
        if rows > 3 && columns > 9 {
            assert!(screen.starts_with("workflow `many` succeeded after"), "{screen}");
        }
    }
}

rule! { endless: when each(quick), adds [quick] within 1_000, then |grow, _node, n| { grow.add(quick::new(*n)); } }

#[test]
fn the_end_of_a_run_is_told_in_the_words_of_its_report() {
    let unlucky = || {
        let mut flow = many();
        let bad = flow.add(s01::new(13_u64).named("\u{1b}[31mred\u{202e}\0"));
        flow.add(s02::new(bad));
        flow
    };
    let stopped = quick_ones(3).rules(rules![endless]).growth_limits(GrowthLimits::default().nodes(10));
    for (flow, says) in [(many(), "succeeded"), (unlucky(), "failed"), (stopped, "was stopped")] {
        let terminal = Terminal::new(30, 160, || Ok(()));
        let report = flow.track(ProgressBars::new().to_terminal(terminal.clone())).run_blocking();
        let report = report.or_else(Error::into_report).unwrap();
        let (screen, told) = (terminal.contents(), report.to_string());
        assert_eq!(screen.lines().next(), told.lines().next());
        assert!(screen.contains(says), "{screen}");
        let failure = screen.lines().find_map(|line| line.strip_prefix("  last failure: "));
        if says == "was stopped" {
            assert!(failure.unwrap().starts_with("rule `endless` failed on node `quick#9`: "), "{screen}");
            continue;
        }
        let expected = r"node `\u{1b}[31mred\u{202e}\u{0}` failed: 13 is\nbad luck";
        assert_eq!(failure, (says == "failed").then_some(expected));
    }
}

#[test]
fn however_many_events_come_it_is_drawn_no_oftener_than_it_is_told_to() {
    let terminal = Terminal::new(24, 80, || Ok(()));
    let view = ProgressBars::new().hz(255).to_terminal(terminal.clone());
    let report = quick_ones(300_000).track(view).run_blocking().unwrap();
    let draws = terminal.draws.lock().unwrap();
    // The final output is immediate: the view is cleared, and the summary is written.
    for (one, next) in draws.iter().zip(&draws[1..draws.len().max(3) - 2]) {
        assert!(*next - *one >= Duration::from_secs(1) / 15, "{:?}", *next - *one);
    }
    assert_eq!(terminal.contents().lines().next(), report.to_string().lines().next());
}

#[test]
fn a_terminal_that_takes_nothing_holds_up_nothing_but_the_view() {
    let (let_go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let terminal = Terminal::new(24, 80, move || wait.lock().unwrap().recv().map_err(io::Error::other));
    let report = many().track(ProgressBars::new().to_terminal(terminal)).run_blocking().unwrap();
    assert_eq!(report.count(NodeState::Succeeded), 30);
    assert!(report.trackers()[0].is_late(), "{report}");
    drop(let_go);
}

#[test]
fn a_terminal_that_fails_is_not_written_to_again() {
    let terminal = Terminal::new(24, 80, || Err(io::ErrorKind::BrokenPipe.into()));
    let report = many().track(ProgressBars::new().to_terminal(terminal.clone())).run_blocking().unwrap();
    assert!(report.trackers()[0].is_complete(), "{report}");
    assert_eq!(terminal.draws.lock().unwrap().len(), 1);
}

/// A file in memory, and the number of writes to it.
#[derive(Clone, Default)]
struct File(Arc<Mutex<String>>);

impl io::Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push_str(std::str::from_utf8(bytes).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_title_is_shown_and_obeyed_by_no_terminal() {
    let file = File::default();
    let view = ProgressBars::default().title("my\u{1b}[2J\nlibrary\u{200f}").to_lines(file.clone());
    let report = quick_ones(3).track(view).run_blocking().unwrap();
    let end = format!(" succeeded after {:.1?}: 3 nodes, 3 succeeded\n", report.duration());
    assert_eq!(*file.0.lock().unwrap(), format!(r"my\u{{1b}}[2J\nlibrary\u{{200f}}{end}"));
}

#[test]
fn the_view_says_of_failures_that_are_tolerated_what_the_report_says() {
    #[stage]
    fn bad() -> Result<(), String> {
        Err("no".to_owned())
    }
    let file = File::default();
    let mut flow = Workflow::new("tolerant").tolerate::<bad>(dagcore::Tolerance::Count(1));
    flow.add(bad::new());
    let report = flow.track(ProgressBars::default().to_lines(file.clone())).run_blocking().unwrap();
    let text = file.0.lock().unwrap().clone();
    assert!(report.is_success() && text.contains("workflow `tolerant` succeeded after "), "{text}");
}

struct Broken;

impl io::Write for Broken {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn a_file_that_takes_nothing_does_the_run_no_harm() {
    let report = many().track(ProgressBars::new().to_lines(Broken)).run_blocking().unwrap();
    assert!(report.trackers()[0].is_complete(), "{report}");
}

#[stage]
async fn forever() {
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_given_up_is_said_to_be() {
    let file = File::default();
    let (said, heard) = channel();
    let mut flow = Workflow::new("forever").track(ProgressBars::new().to_lines(Last(file.clone(), said)));
    flow.add(forever::new());
    drop(flow.start().unwrap());
    assert!(heard.recv().is_err()); // the file is closed
    let text = file.0.lock().unwrap().clone();
    assert!(text.starts_with("workflow `forever` was given up after "), "{text}");
}

/// Sends a message when it is dropped, after which nothing more is written.
struct Last(File, std::sync::mpsc::Sender<()>);

impl io::Write for Last {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = &self.1;
        Ok(())
    }
}
