//! The contents of the display, as lines. This module counts; drawing is elsewhere.
//!
//! Untrusted text is escaped when it arrives or when a line is formatted, before it leaves this module.

use crate::dag::{Counts, Graph, Name, NodeError, NodeId, RuleError, StageId, Time};
use crate::port::{BriefEvent, End, NewNodes, RunSnapshot};
use console::{Alignment, Style, pad_str, truncate_str};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{self, Display, Write};
use std::time::{Duration, Instant};

/// The maximum number of stages with a line of their own.
pub(super) const MOST_ROWS: usize = 12;
/// The maximum width of a stage's name, in columns.
const NAME: usize = 24;

/// The state of a run, as shown in the display.
pub(super) struct Board {
    title: String,
    begin: Instant,
    /// The stages, in the order in which they appeared.
    rows: Vec<Row>,
    places: HashMap<StageId, usize>,
    last_failure: Option<Failure>,
    changed: bool,
    summary: Option<String>,
}

struct Row {
    stage: StageId,
    name: String,
    counts: Counts,
    closed: bool,
}

enum Failure {
    Node(NodeError),
    Rule(RuleError),
}

/// The size of the terminal, and whether it supports colours.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) colours: bool,
}

impl Board {
    /// Creates an empty board. `title` must already be escaped.
    pub(super) fn new(title: Option<String>, workflow: &str) -> Self {
        Self {
            title: title.unwrap_or_else(|| format!("workflow `{}`", Name(workflow))),
            begin: Instant::now(),
            rows: Vec::new(),
            places: HashMap::new(),
            last_failure: None,
            changed: true,
            summary: None,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.summary.is_some()
    }

    /// Returns `true` if the board has changed since the last call.
    pub(super) fn has_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Applies an event.
    pub(super) fn take_in(&mut self, happened: &BriefEvent, known: &RunSnapshot) {
        self.changed = true;
        match happened {
            BriefEvent::Added { additions: nodes, .. }
            | BriefEvent::Fired { additions: nodes, .. }
            | BriefEvent::Grown { additions: nodes, .. } => {
                self.count_new(*nodes, known);
            }
            BriefEvent::Failed { node, error, .. } => {
                self.last_failure = Some(Failure::Node(NodeError::clone(error)));
                self.count_node(*node, known);
            }
            BriefEvent::Started { node, .. }
            | BriefEvent::Succeeded { node, .. }
            | BriefEvent::AttemptFailed { node, .. }
            | BriefEvent::RetryDue { node, .. }
            | BriefEvent::Skipped { node, .. }
            | BriefEvent::Cancelled { node, .. } => self.count_node(*node, known),
            BriefEvent::Closed { stage, under: None, .. } => {
                if let Some(row) = self.places.get(stage).and_then(|place| self.rows.get_mut(*place)) {
                    row.closed = true;
                }
            }
            BriefEvent::RuleFailed { error, .. } => self.last_failure = Some(Failure::Rule(RuleError::clone(error))),
            BriefEvent::Closed { .. }
            | BriefEvent::Evaluated { .. }
            | BriefEvent::CancelRequested { .. }
            | BriefEvent::RunStarted { .. }
            | BriefEvent::RunStopped { .. }
            | BriefEvent::RunEnded { .. } => {}
        }
    }

    /// Recounts all stages.
    pub(super) fn look_again(&mut self, known: &RunSnapshot) {
        self.changed = true;
        known.stages().for_each(|stage| self.count(stage, known));
    }

    fn count_new(&mut self, nodes: NewNodes, known: &RunSnapshot) {
        let mut last = None;
        for stage in nodes.iter().filter_map(|node| known.stage(node)) {
            if last.replace(stage) != Some(stage) {
                self.count(stage, known);
            }
        }
    }

    fn count_node(&mut self, node: NodeId, known: &RunSnapshot) {
        if let Some(stage) = known.stage(node) {
            self.count(stage, known);
        }
    }

    fn count(&mut self, stage: StageId, known: &RunSnapshot) {
        let place = *self.places.entry(stage).or_insert(self.rows.len());
        if place == self.rows.len() {
            self.rows.push(Row::new(stage, known.name_of_stage(stage)));
        }
        self.rows[place].counts = known.counts_of(stage);
    }

    /// Ends the board: from now on it shows the summary.
    pub(super) fn end(&mut self, end: End<'_>) {
        if self.is_over() {
            return;
        }
        let took = match end {
            End::Over(machine) => {
                let graph = machine.graph();
                self.rows.iter_mut().for_each(|row| row.end(graph));
                machine.ended().unwrap_or_default()
            }
            End::GivenUp => Time::after(self.begin.elapsed()),
        };
        let (title, how, took, all) = (&self.title, how(end), took.since_start(), self.all());
        let nodes = if all.known == 1 { "node" } else { "nodes" };
        let mut summary = format!("{title} {how} after {took:.1?}: {} {nodes}, {} succeeded", all.known, all.succeeded);
        tell(&mut summary, &all, Style::new());
        for (count, state) in
            [(all.ready, "ready"), (all.waiting, "waiting")].into_iter().filter(|(count, _)| *count > 0)
        {
            let _ = write!(summary, ", {count} {state}");
        }
        self.summary = Some(summary);
    }

    fn all(&self) -> Counts {
        let mut all = Counts::default();
        self.rows.iter().for_each(|row| all.add(&row.counts));
        all
    }

    /// Returns the overall line. It has a total only after the end of the run.
    pub(super) fn headline(&self, colours: bool) -> String {
        if let Some(summary) = &self.summary {
            return summary.clone();
        }
        let all = self.all();
        let mut line = format!("{}: {} of {} so far", self.title, all.settled(), all.known);
        tell(&mut line, &all, red(colours));
        line
    }

    /// Returns all lines that fit the terminal.
    pub(super) fn frame(&self, room: Room) -> String {
        let mut lines = vec![self.headline(room.colours)];
        if !self.is_over() {
            let _ = write!(lines[0], " ({})", seconds(self.begin.elapsed()));
        }
        let most = MOST_ROWS.min(room.height.saturating_sub(3));
        let (shown, others) = self.shown(most);
        lines.extend(shown.iter().map(|row| row.line(room, self.is_over())));
        if let Some(line) = self.others(&others, room) {
            lines.push(line);
        }
        if let Some(failure) = &self.last_failure {
            lines.push(match failure {
                Failure::Node(error) => format!("  last failure: {}", beginning(error)),
                Failure::Rule(error) => format!("  last failure: {}", beginning(error)),
            });
        }
        let short = |line: &String| truncate_str(line, room.width.saturating_sub(1), "..").into_owned();
        lines.iter().map(short).collect::<Vec<_>>().join("\n")
    }

    /// Returns the stages with a line of their own and the others, each in order. Finished stages are moved to the
    /// others first.
    fn shown(&self, most: usize) -> (Vec<&Row>, Vec<&Row>) {
        let mut rows: Vec<(usize, &Row)> = self.rows.iter().enumerate().collect();
        rows.sort_by_key(|(_, row)| row.is_done());
        let mut others = rows.split_off(most.min(rows.len()));
        rows.sort_by_key(|(place, _)| *place);
        others.sort_by_key(|(place, _)| *place);
        let [shown, others] = [rows, others].map(|rows| rows.into_iter().map(|(_, row)| row).collect());
        (shown, others)
    }

    fn others(&self, others: &[&Row], room: Room) -> Option<String> {
        let mut all = Counts::default();
        others.iter().for_each(|row| all.add(&row.counts));
        let stages = match others.len() {
            0 => return None,
            1 => "stage",
            _ => "stages",
        };
        let closed = self.is_over() || others.iter().all(|row| row.closed);
        let mut line = format!("  and {} more {stages}: {}", others.len(), of(&all, closed));
        tell(&mut line, &all, red(room.colours));
        Some(line)
    }
}

impl Row {
    fn new(stage: StageId, name: &str) -> Self {
        Self { stage, name: Name(name).to_string(), counts: Counts::default(), closed: false }
    }

    fn is_done(&self) -> bool {
        self.closed && self.counts.settled() == self.counts.known
    }

    /// Recounts the stage from the final graph at the end of the run.
    fn end(&mut self, graph: &Graph) {
        let mut counts = Counts::default();
        for state in graph.nodes_of(self.stage).iter().filter_map(|node| graph.state(*node)) {
            counts.known += 1;
            *counts.in_state(state) += 1;
        }
        self.counts = counts;
    }

    fn line(&self, room: Room, is_over: bool) -> String {
        let closed = self.closed || is_over;
        let name = pad_str(&self.name, NAME.min(room.width / 4), Alignment::Left, Some(".."));
        let mut line = format!("  {name} {}{}", self.bar(room, closed), of(&self.counts, closed));
        tell(&mut line, &self.counts, red(room.colours));
        line
    }

    /// Formats the bar. Its end is `+` while nodes may still be added to the stage.
    fn bar(&self, room: Room, closed: bool) -> Cow<'static, str> {
        let cells = match room.width {
            0..40 => return "".into(),
            40..70 => 10,
            _ => 20,
        };
        let full = (cells * self.counts.settled()).checked_div(self.counts.known).unwrap_or(0).min(cells);
        let (end, style) = if closed { (']', Style::new().green()) } else { ('+', Style::new().cyan()) };
        let bar = style.force_styling(room.colours).apply_to("=".repeat(full));
        format!("[{bar}{}{end} ", " ".repeat(cells - full)).into()
    }
}

/// Formats the counts, with a final total only if the stage is closed.
fn of(counts: &Counts, closed: bool) -> String {
    let so_far = if closed { "" } else { " so far" };
    format!("{} of {}{so_far}", counts.settled(), counts.known)
}

/// Appends the counts of all other states, with the wording and the order of the report.
fn tell(line: &mut String, counts: &Counts, red: Style) {
    let plain = Style::new();
    let states = [
        (counts.failed, "failed", &red),
        (counts.skipped, "skipped", &plain),
        (counts.cancelled, "cancelled", &plain),
        (counts.running, "running", &plain),
        (counts.awaiting_retry, "awaiting retry", &plain),
    ];
    for (count, state, style) in states.into_iter().filter(|(count, ..)| *count > 0) {
        let told = format!("{count} {state}");
        let _ = write!(line, ", {}", if state == "failed" { style.apply_to(told).to_string() } else { told });
    }
}

/// Returns the beginning of a text that may be very long, enough for one line.
fn beginning(of: &impl Display) -> String {
    const MOST: usize = 1_000;

    struct Beginning(String);

    impl Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = MOST.saturating_sub(self.0.len());
            self.0.extend(text.chars().take(room));
            if text.len() < room { Ok(()) } else { Err(fmt::Error) }
        }
    }

    let mut beginning = Beginning(String::new());
    let _ = write!(beginning, "{of}"); // an error only means that the text is longer
    beginning.0
}

fn red(colours: bool) -> Style {
    Style::new().red().force_styling(colours)
}

fn seconds(took: Duration) -> String {
    let seconds = took.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02} h", seconds / 3600, seconds / 60 % 60, seconds % 60),
    }
}

/// Describes the end of the run with the wording of the report.
fn how(end: End<'_>) -> &'static str {
    match end {
        End::GivenUp => "was given up",
        End::Over(machine) if machine.stopped().is_some() => "was stopped",
        End::Over(machine) if machine.is_success() => "succeeded",
        End::Over(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::{Board, Room, Row};
    use crate::dag::{Counts, StageId};

    /// A stage name that `#[stage]` would reject.
    #[test]
    fn a_stage_may_be_called_what_it_likes() {
        let mut board = Board::new(None, "a\u{1b}[2J\u{202e}");
        board.rows.push(Row::new(StageId::from_index(0), "b\u{1b}]0;t\u{7}\0\n"));
        board.rows[0].counts = Counts { known: 4, running: 1, succeeded: 3, ..Counts::default() };
        let frame = board.frame(Room { width: 120, height: 24, colours: false });
        let bar = "[===============     +";
        assert_eq!(
            frame,
            format!(
                "workflow `a\\u{{1b}}[2J\\u{{202e}}`: 3 of 4 so far, 1 running (0 s)\n  \
                 b\\u{{1b}}]0;t\\u{{7}}\\u{{0}}\\n  {bar} 3 of 4 so far, 1 running"
            )
        );
    }
}
