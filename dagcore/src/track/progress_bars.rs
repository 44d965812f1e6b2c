//! A view of a run in the terminal: a bar for each stage.
//!
//! What happens is counted on the tracker's thread, into a `board`. A thread of the view's own looks at the board some
//! times a second and draws it on a `screen`: so it does not matter how many events come, a run in which nothing happens
//! for a while is shown as it is, and a terminal that takes its time holds up nobody but that thread.

mod board;
mod screen;

use crate::dag::Name;
use crate::port::{End, Happened, Known, Tracker};
use board::Board;
use indicatif::TermLike;
use parking_lot::{Condvar, Mutex};
use screen::Screen;
use std::io::Write;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Shows a run in the terminal while it goes on: a line for the whole, a bar for each stage, the last failure. When the
/// run ends, a summary stays.
///
/// It gives totals only where they are true. A stage to which nodes may still be added is `37 of 120 so far`, and its bar
/// ends in a `+`; it has a total once the run has told that it is closed, which it tells of stages that a rule waits for,
/// or has ended. Beyond a dozen, stages are summed up in one line, first of all those that are done.
///
/// It writes to the standard error stream: ten times a second at the most, in colours unless `NO_COLOR` is set. Where
/// that is no terminal, or a `dumb` one, it writes plain lines instead, one a second at the most and one in the end. Names
/// and messages are escaped. That the terminal is gone, or takes nothing more, does the run no harm.
///
/// What the program itself prints meanwhile goes in between.
///
/// ```
/// # use dagcore::prelude::*;
/// use dagcore::track::ProgressBars;
///
/// #[stage]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// let mut flow = Workflow::new("squares").track(ProgressBars::new());
/// for n in 0..100_u64 {
///     flow.add(square::new(n));
/// }
/// flow.run_blocking()?; // workflow `squares` succeeded after 1.2ms: 100 nodes, 100 succeeded
/// # Ok::<(), dagcore::Error>(())
/// ```
pub struct ProgressBars {
    title: Option<String>,
    pause: Duration,
    screen: Option<Screen>,
    view: Option<View>,
}

/// A view that is being shown.
struct View {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the two threads share.
struct Shared {
    board: Mutex<Board>,
    over: Condvar,
}

impl ProgressBars {
    /// Ten times a second, to the standard error stream, titled with the workflow's name.
    pub fn new() -> Self {
        Self { title: None, pause: Duration::from_millis(100), screen: None, view: None }
    }

    /// What stands in the first line, in place of `` workflow `name` ``.
    pub fn title(mut self, title: impl AsRef<str>) -> Self {
        self.title = Some(Name(title.as_ref()).to_string());
        self
    }

    /// How often it is drawn in a second, at the most: from 1 to 15, whatever is asked for, and ten times unless it is
    /// said. Plain lines come once a second, however often that is.
    pub fn hz(mut self, hz: u8) -> Self {
        // With the drawing in the end there are never more than twenty in a second.
        self.pause = Duration::from_secs(1) / u32::from(hz.clamp(1, 15));
        self
    }

    /// Writes to the standard output stream instead.
    pub fn to_stdout(mut self) -> Self {
        self.screen = Some(Screen::stdout());
        self
    }

    /// Draws on this terminal instead, without colours. A test can give an `indicatif::InMemoryTerm`.
    pub fn to_terminal(mut self, terminal: impl TermLike + 'static) -> Self {
        self.screen = Some(Screen::terminal(Arc::new(terminal), false));
        self
    }

    /// Writes plain lines there instead: to a log file, say.
    pub fn to_lines(mut self, file: impl Write + Send + 'static) -> Self {
        self.screen = Some(Screen::lines(Box::new(file)));
        self
    }
}

impl Default for ProgressBars {
    fn default() -> Self {
        Self::new()
    }
}

impl Tracker for ProgressBars {
    fn start(&mut self, known: &Known) {
        let mut board = Board::new(self.title.take(), known.workflow());
        board.look_again(known);
        let shared = Arc::new(Shared { board: Mutex::new(board), over: Condvar::new() });
        let (own, pause) = (Arc::clone(&shared), self.pause);
        let screen = self.screen.take().unwrap_or_else(Screen::stderr);
        let thread = std::thread::Builder::new().name("dagcore-progress".to_owned());
        // Without a thread there is no view, and the run goes on.
        let thread = thread.spawn(move || show(&own, screen, pause)).ok();
        self.view = Some(View { shared, thread });
    }

    fn event(&mut self, happened: &Happened, known: &Known) {
        if let Some(view) = &self.view {
            view.shared.board.lock().take_in(happened, known);
        }
    }

    fn missed(&mut self, _events: u64, known: &Known) {
        if let Some(view) = &self.view {
            view.shared.board.lock().look_again(known);
        }
    }

    fn end(&mut self, end: End<'_>, _known: &Known) {
        if let Some(mut view) = self.view.take() {
            view.shared.board.lock().end(end);
            view.shared.over.notify_all();
            if let Some(thread) = view.thread.take() {
                let _ = thread.join();
            }
        }
    }
}

/// A tracker that is dropped before the end leaves no thread behind.
impl Drop for View {
    fn drop(&mut self) {
        self.shared.board.lock().end(End::GivenUp);
        self.shared.over.notify_all();
    }
}

/// Draws the board again and again, until it is over.
fn show(shared: &Shared, screen: Screen, pause: Duration) {
    let mut drawing = screen.begin(pause);
    let mut board = shared.board.lock();
    loop {
        let next = drawing.next();
        while !board.is_over() && !shared.over.wait_until(&mut board, next).timed_out() {}
        let (is_over, frame) = (board.is_over(), drawing.frame(&mut board));
        parking_lot::MutexGuard::unlocked(&mut board, || drawing.draw(frame, is_over));
        if is_over {
            return;
        }
    }
}
