//! A progress display in the terminal, with a bar for each stage.
//!
//! Events are counted on the tracker's thread, in a `board`. A second thread polls the board several times a second and
//! draws it on a `screen`. So the cost of drawing does not depend on the number of events, the display is up to date
//! during periods without events, and a slow terminal blocks only that thread.

mod board;
mod screen;

use crate::dag::Name;
use crate::port::{BriefEvent, End, RunSnapshot, Tracker};
use board::Board;
use indicatif::TermLike;
use parking_lot::{Condvar, Mutex};
use screen::Screen;
use std::io::Write;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Shows the progress of a run in the terminal: an overall line, a bar for each stage, and the last failure. When the
/// run ends, a summary remains.
///
/// Totals are shown only where they are final. A stage to which nodes may still be added is shown as `37 of 120 so
/// far`, and its bar ends in `+`. It has a total once the run has ended or has reported that the stage is closed, which
/// it does for stages that a rule waits for. Only the first dozen stages have a bar; the others are combined into one
/// line, finished stages first.
///
/// It writes to the standard error stream, at most ten times a second, in colour unless `NO_COLOR` is set. If the
/// stream is not a terminal, or a `dumb` one, it writes plain lines instead: at most one per second, and one at the
/// end. Names and messages are escaped. A terminal that is closed or rejects writes does not affect the run.
///
/// Output that the program prints during the run appears between the updates.
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

/// An active display.
struct View {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// State shared by the two threads.
struct Shared {
    board: Mutex<Board>,
    over: Condvar,
}

impl ProgressBars {
    /// Creates a display that is drawn ten times a second on the standard error stream, titled with the workflow's
    /// name.
    pub fn new() -> Self {
        Self { title: None, pause: Duration::from_millis(100), screen: None, view: None }
    }

    /// Sets the title of the first line. The default is `` workflow `name` ``.
    pub fn title(mut self, title: impl AsRef<str>) -> Self {
        self.title = Some(Name(title.as_ref()).to_string());
        self
    }

    /// Sets the maximum number of updates per second. The default is 10; values are clamped to the range from 1 to 15.
    /// Plain lines are written once per second regardless.
    pub fn hz(mut self, hz: u8) -> Self {
        // Including the final update there are never more than twenty in a second.
        self.pause = Duration::from_secs(1) / u32::from(hz.clamp(1, 15));
        self
    }

    /// Writes to the standard output stream instead.
    pub fn to_stdout(mut self) -> Self {
        self.screen = Some(Screen::stdout());
        self
    }

    /// Draws on this terminal instead, without colours. A test can pass an `indicatif::InMemoryTerm`.
    pub fn to_terminal(mut self, terminal: impl TermLike + 'static) -> Self {
        self.screen = Some(Screen::terminal(Arc::new(terminal), false));
        self
    }

    /// Writes plain lines to `file` instead, such as a log file.
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
    fn start(&mut self, known: &RunSnapshot) {
        let mut board = Board::new(self.title.take(), known.workflow());
        board.look_again(known);
        let shared = Arc::new(Shared { board: Mutex::new(board), over: Condvar::new() });
        let (own, pause) = (Arc::clone(&shared), self.pause);
        let screen = self.screen.take().unwrap_or_else(Screen::stderr);
        let thread = std::thread::Builder::new().name("dagcore-progress".to_owned());
        // Without a thread there is no display, and the run continues.
        let thread = thread.spawn(move || show(&own, screen, pause)).ok();
        self.view = Some(View { shared, thread });
    }

    fn event(&mut self, happened: &BriefEvent, known: &RunSnapshot) {
        if let Some(view) = &self.view {
            view.shared.board.lock().take_in(happened, known);
        }
    }

    fn missed(&mut self, _events: u64, known: &RunSnapshot) {
        if let Some(view) = &self.view {
            view.shared.board.lock().look_again(known);
        }
    }

    fn end(&mut self, end: End<'_>, _known: &RunSnapshot) {
        if let Some(mut view) = self.view.take() {
            view.shared.board.lock().end(end);
            view.shared.over.notify_all();
            if let Some(thread) = view.thread.take() {
                let _ = thread.join();
            }
        }
    }
}

/// Ends the thread when the tracker is dropped before the end of the run.
impl Drop for View {
    fn drop(&mut self) {
        self.shared.board.lock().end(End::GivenUp);
        self.shared.over.notify_all();
    }
}

/// Draws the board periodically, until the run has ended.
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
