//! The output of the display: redrawn in place on a terminal, or as plain lines.
//!
//! `indicatif` moves the cursor and clears the previous frame. After the first error of a terminal nothing more is
//! written to it; the error is ignored, because there is no better place to report it.

use super::board::{Board, Room};
use console::{Term, is_dumb};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The interval of plain lines, and the longest time between two updates of a terminal, so that the elapsed time
/// advances.
const SECOND: Duration = Duration::from_secs(1);

/// An output that has not been drawn on yet.
pub(super) enum Screen {
    Terminal { terminal: Arc<dyn TermLike>, colours: bool },
    Lines(Box<dyn Write + Send>),
}

impl Screen {
    pub(super) fn stderr() -> Self {
        Self::of(Term::buffered_stderr(), || Box::new(io::stderr()))
    }

    pub(super) fn stdout() -> Self {
        Self::of(Term::buffered_stdout(), || Box::new(io::stdout()))
    }

    fn of(term: Term, lines: fn() -> Box<dyn Write + Send>) -> Self {
        if !term.is_term() || is_dumb() {
            return Self::lines(lines());
        }
        let colours = term.features().colors_supported();
        Self::terminal(Arc::new(term), colours)
    }

    pub(super) fn terminal(terminal: Arc<dyn TermLike>, colours: bool) -> Self {
        Self::Terminal { terminal, colours }
    }

    pub(super) fn lines(file: Box<dyn Write + Send>) -> Self {
        Self::Lines(file)
    }

    pub(super) fn begin(self, pause: Duration) -> Drawing {
        let (pen, pause) = match self {
            Self::Terminal { terminal, colours } => (Pen::bar(terminal, colours), pause),
            Self::Lines(file) => (Pen::Lines(file), SECOND),
        };
        Drawing { pen, pause, last: Instant::now(), looked: Instant::now() }
    }
}

/// An output that is being drawn on.
pub(super) struct Drawing {
    pen: Pen,
    pause: Duration,
    /// The time of the last drawing, and of the last check for changes.
    last: Instant,
    looked: Instant,
}

enum Pen {
    Bar { bar: ProgressBar, terminal: Wary, colours: bool },
    Lines(Box<dyn Write + Send>),
}

impl Drawing {
    /// Returns when to check the board again.
    pub(super) fn next(&self) -> Instant {
        self.looked + self.pause
    }

    /// Returns the frame to draw now, if there is one.
    pub(super) fn frame(&mut self, board: &mut Board) -> Option<String> {
        self.looked = Instant::now();
        let stands_still = !board.has_changed() && !board.is_over();
        match &self.pen {
            Pen::Bar { .. } if stands_still && self.last.elapsed() < SECOND => None,
            Pen::Bar { terminal, colours, .. } => {
                let (width, height) = (terminal.width().into(), terminal.height().into());
                Some(board.frame(Room { width, height, colours: *colours }))
            }
            Pen::Lines(_) => (!stands_still).then(|| board.headline(false)),
        }
    }

    pub(super) fn draw(&mut self, frame: Option<String>, is_last: bool) {
        let Some(frame) = frame else { return };
        match &mut self.pen {
            Pen::Bar { bar, terminal, .. } if is_last => {
                bar.finish_and_clear();
                let lines = frame.lines().try_for_each(|line| terminal.write_line(line));
                drop(lines.and_then(|()| terminal.flush()));
            }
            Pen::Bar { bar, .. } => bar.set_message(frame),
            Pen::Lines(file) => drop(writeln!(file, "{frame}").and_then(|()| file.flush())),
        }
        self.last = Instant::now();
        self.looked = self.last;
    }
}

impl Pen {
    fn bar(terminal: Arc<dyn TermLike>, colours: bool) -> Self {
        let terminal = Wary { terminal, is_gone: Arc::default() };
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bar = ProgressBar::with_draw_target(None, target);
        // The template is valid; the fallback would be indicatif's default bar.
        let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Self::Bar { bar: bar.with_style(style), terminal, colours }
    }
}

/// A terminal that ignores all writes after its first error.
#[derive(Clone, Debug)]
struct Wary {
    terminal: Arc<dyn TermLike>,
    is_gone: Arc<AtomicBool>,
}

impl Wary {
    fn attempt(&self, act: impl FnOnce(&dyn TermLike) -> io::Result<()>) -> io::Result<()> {
        if !self.is_gone.load(Ordering::Relaxed) && act(&*self.terminal).is_err() {
            self.is_gone.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl TermLike for Wary {
    fn width(&self) -> u16 {
        self.terminal.width()
    }

    fn height(&self) -> u16 {
        self.terminal.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.attempt(|terminal| terminal.move_cursor_up(n))
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.attempt(|terminal| terminal.move_cursor_down(n))
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.attempt(|terminal| terminal.move_cursor_right(n))
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.attempt(|terminal| terminal.move_cursor_left(n))
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.attempt(|terminal| terminal.write_line(s))
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.attempt(|terminal| terminal.write_str(s))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.attempt(|terminal| terminal.clear_line())
    }

    fn flush(&self) -> io::Result<()> {
        self.attempt(|terminal| terminal.flush())
    }
}
