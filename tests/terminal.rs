//! The view of a run in a terminal: recorded as bytes through a real pseudo-terminal, and parsed as a screen.

#[path = "terminal/recorded.rs"]
mod recorded;
#[path = "terminal/screens.rs"]
mod screens;
#[path = "terminal/views.rs"]
mod views;

use recorded::Recorded;
use screens::{Line, stage_lines};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

/// One run in a typical terminal, shared by all tests that read it.
static SHOWN: LazyLock<Recorded> = LazyLock::new(|| recorded::in_a_terminal(&[("TERM", "xterm-256color")]));

#[test]
fn a_run_of_ten_thousand_nodes_is_shown_as_it_is() {
    let shown = &*SHOWN;
    let screens = shown.screens();
    eprintln!("{}\n\n{}", screens[screens.len() * 9 / 10], screens[screens.len() - 1]);
    assert!(shown.report.contains("10293 nodes, 10249 succeeded, 44 failed"), "{}", shown.report);

    // A total never changes, and equals the number of nodes at the end.
    let (last, before) = screens.split_last().unwrap();
    let end: BTreeMap<String, Line> = stage_lines(last).collect();
    assert_eq!(
        end.keys().collect::<Vec<_>>(),
        [r"drawing \u{202e}gnp", "index", "page", "sheet", "shelf", "volume", "words"]
    );
    let (mut open, mut closed) = (0, 0);
    for screen in before {
        for (stage, line) in stage_lines(screen) {
            let of = end[&stage].of;
            assert!(if line.is_total { line.of == of } else { line.of <= of }, "{screen}");
            open += usize::from(!line.is_total && line.of < of);
            closed += usize::from(line.is_total && line.settled < of);
        }
        let all = screen.lines().next().unwrap();
        assert!(all.starts_with("workflow `library`: ") && all.contains(" so far"), "{screen}");
    }
    assert!(open > 0 && closed > 0, "{open} open, {closed} closed");

    // The last screen agrees with the report.
    assert!(end.values().all(|line| line.is_total && line.settled == line.of), "{last}");
    assert_eq!(end.values().map(|line| line.of).sum::<usize>(), 10_293);
    assert_eq!(last.lines().next(), shown.report.lines().next());
    assert!(last.contains("page ") && last.contains(", 44 failed"), "{last}");
}

#[test]
fn nothing_that_a_name_says_reaches_the_terminal_as_an_order() {
    let shown = &*SHOWN;
    // `pieces` has refused any control sequence except: up, down, clear the line, colour.
    assert!(shown.pieces().len() > 10);
    let text = String::from_utf8(shown.bytes.clone()).unwrap();
    // Lines end only where the view ends them: when it is drawn for the last time.
    let last = shown.screens().last().unwrap().lines().count();
    assert_eq!((text.matches("\r\n").count(), text.matches('\n').count()), (last, last));
    let marks = ['\u{202e}', '\0', '\u{7}', '\u{61c}', '\u{200f}', '\u{2066}'];
    assert!(!text.contains(marks));
    // Hostile characters were part of the name, and are shown escaped.
    assert!(text.contains(r"drawing \u{202e}gnp"));
    assert!(text.contains(r"last failure: node `page["), "{text}");
    let named =
        [r"\u{1b}[2J\u{1b}]0;mine\u{7}]` failed", r"\u{0}]`", r"\nerror: all is lost\n]`", r"\u{202e}fdp.exe]`"];
    assert!(named.iter().any(|name| text.contains(name)), "{text}");
}

#[test]
fn it_is_drawn_ten_times_a_second_at_the_most() {
    let shown = &*SHOWN;
    let (draws, seconds) = (shown.screens().len(), shown.took.as_secs_f64());
    assert!(draws as f64 <= 10.0 * seconds + 1.0, "drawn {draws} times in {seconds} s");
    assert!(draws >= 5, "drawn {draws} times in {seconds} s");
}

#[test]
fn a_terminal_without_colours_gets_none() {
    assert!(SHOWN.pieces().iter().any(|piece| piece.has_colours()));
    let without = recorded::in_a_terminal(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
    assert!(without.pieces().len() > 5 && !without.pieces().iter().any(|piece| piece.has_colours()));
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    let shown = recorded::in_a_terminal(&[("TERM", "dumb")]);
    check_lines(&String::from_utf8(shown.bytes.clone()).unwrap().replace("\r\n", "\n"), &shown);
}

#[test]
fn a_file_gets_plain_lines() {
    let shown = recorded::in_a_file();
    check_lines(&String::from_utf8(shown.bytes.clone()).unwrap(), &shown);
}

/// One line per second, and a last one that agrees with the report.
fn check_lines(lines: &str, shown: &Recorded) {
    assert!(!lines.contains(|c: char| c.is_control() && c != '\n'), "{lines:?}");
    let (last, before) = lines.lines().collect::<Vec<_>>().split_last().map(|(l, b)| (*l, b.to_vec())).unwrap();
    assert_eq!(Some(last), shown.report.lines().next());
    assert!(before.len() as u64 <= shown.took.as_secs() && !before.is_empty(), "{lines} in {:?}", shown.took);
    assert!(before.iter().all(|line| line.starts_with("workflow `library`: ") && line.contains(" so far")), "{lines}");
}

#[test]
fn a_terminal_that_goes_away_does_the_run_no_harm() {
    let report = recorded::in_a_terminal_that_goes_away(Duration::from_millis(500));
    assert!(report.contains("10293 nodes, 10249 succeeded, 44 failed"), "{report}");
    assert!(!report.contains("tracker"), "{report}");
}
