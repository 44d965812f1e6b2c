//! Parses a screen of the view.

use dagcore::track::TermLike;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The rows of a screen, without trailing empty parts.
pub(crate) fn contents(screen: &vt100::Screen) -> String {
    let rows: Vec<String> = screen.rows(0, screen.size().1).map(|row| row.trim_end().to_owned()).collect();
    rows.join("\n").trim_end().to_owned()
}

/// The line of one stage.
pub(crate) struct Line {
    pub(crate) settled: usize,
    pub(crate) of: usize,
    /// Whether the line reports a total; the bar and the text must agree on this.
    pub(crate) is_total: bool,
}

/// The stages that a screen shows.
pub(crate) fn stage_lines(screen: &str) -> impl Iterator<Item = (String, Line)> {
    screen.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("  ")?.split_once('[')?;
        let (bar, told) = rest.split_at_checked(20)?;
        if !bar.chars().all(|c| "= ".contains(c)) {
            return None;
        }
        let is_total = match told.get(..2)? {
            "] " => true,
            "+ " => false,
            _ => return None,
        };
        assert_eq!(is_total, !told.contains(" so far"), "{line}");
        let mut words = told[2..].split([' ', ',']);
        let (settled, of) = (words.next()?.parse().unwrap(), words.nth(1)?.parse().unwrap());
        assert_eq!(20 * settled / of, bar.trim_end().len(), "{line}");
        Some((name.trim_end().to_owned(), Line { settled, of, is_total }))
    })
}

/// A terminal in memory. `flushed` runs after each drawing, and its result is the result of the flush.
#[derive(Clone)]
pub(crate) struct Terminal {
    pub(crate) screen: Arc<Mutex<vt100::Parser>>,
    pub(crate) draws: Arc<Mutex<Vec<Instant>>>,
    flushed: Arc<dyn Fn() -> io::Result<()> + Send + Sync>,
}

impl Terminal {
    pub(crate) fn new(rows: u16, columns: u16, flushed: impl Fn() -> io::Result<()> + Send + Sync + 'static) -> Self {
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        Self { screen, draws: Arc::default(), flushed: Arc::new(flushed) }
    }

    pub(crate) fn contents(&self) -> String {
        contents(self.screen.lock().unwrap().screen())
    }

    fn write(&self, text: &str) -> io::Result<()> {
        self.screen.lock().unwrap().process(text.as_bytes());
        Ok(())
    }

    fn go(&self, n: usize, to: char) -> io::Result<()> {
        if n == 0 { Ok(()) } else { self.write(&format!("\x1b[{n}{to}")) }
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a terminal")
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        self.screen.lock().unwrap().screen().size().1
    }

    fn height(&self) -> u16 {
        self.screen.lock().unwrap().screen().size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.go(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.go(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.go(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.go(n, 'D')
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.write(&format!("{s}\r\n"))
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.write(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        self.draws.lock().unwrap().push(Instant::now());
        (self.flushed)()
    }
}
