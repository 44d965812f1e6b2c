//! The example `progress`, run in a pseudo-terminal, and its output.

use crate::screens::contents;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

const ROWS: u16 = 24;
const COLUMNS: u16 = 120;

/// The terminal output of the program, and its report, which is written to a file.
pub(crate) struct Recorded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) report: String,
    pub(crate) took: Duration,
}

/// The file with the program's standard output.
struct Output(PathBuf);

impl Output {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(env::temp_dir().join(format!("dagcore-terminal-{}-{number}", std::process::id())))
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn start(env: &[(&str, &str)], output: &Output) -> (Box<dyn MasterPty + Send>, Box<dyn Child + Send + Sync>) {
    let size = PtySize { rows: ROWS, cols: COLUMNS, ..PtySize::default() };
    let pair = native_pty_system().openpty(size).unwrap();
    // The shell redirects the report, and keeps the program alive when the terminal closes.
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" > \"$1\"", env!("CARGO_BIN_EXE_progress")]);
    command.arg(&output.0);
    ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"].iter().for_each(|name| command.env_remove(name));
    env.iter().for_each(|(name, value)| command.env(name, value));
    let child = pair.slave.spawn_command(command).unwrap();
    (pair.master, child)
}

pub(crate) fn in_a_terminal(env: &[(&str, &str)]) -> Recorded {
    let (output, begin) = (Output::new(), Instant::now());
    let (master, mut child) = start(env, &output);
    let mut bytes = Vec::new();
    // After the other side has been closed, reading on Linux returns an error.
    let _ = master.try_clone_reader().unwrap().read_to_end(&mut bytes);
    assert!(child.wait().unwrap().success(), "{}", String::from_utf8_lossy(&bytes));
    Recorded { bytes, report: output.text(), took: begin.elapsed() }
}

/// Runs the program, and closes the terminal after this time, once something has been drawn. Returns the report.
pub(crate) fn in_a_terminal_that_goes_away(after: Duration) -> String {
    let (output, begin) = (Output::new(), Instant::now());
    let (master, mut child) = start(&[("TERM", "xterm")], &output);
    let mut reader = master.try_clone_reader().unwrap();
    let mut bytes = [0; 512];
    while begin.elapsed() < after {
        assert!(reader.read(&mut bytes).unwrap() > 0);
    }
    drop((reader, master));
    assert_eq!(output.text(), "", "the run must outlive the terminal");
    assert!(child.wait().unwrap().success());
    output.text()
}

pub(crate) fn in_a_file() -> Recorded {
    let begin = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_progress"));
    let done = command.env("TERM", "xterm").stdin(Stdio::null()).output().unwrap();
    assert!(done.status.success());
    Recorded { bytes: done.stderr, report: String::from_utf8(done.stdout).unwrap(), took: begin.elapsed() }
}

/// The output between two cursor movements: control sequences first, then text.
#[derive(Default)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    has_text: bool,
    colours: bool,
}

impl Piece {
    pub(crate) fn has_colours(&self) -> bool {
        self.colours
    }
}

impl Recorded {
    /// One piece for each drawing. Panics on any control sequence that the view does not use.
    pub(crate) fn pieces(&self) -> Vec<Piece> {
        let (mut pieces, mut rest) = (vec![Piece::default()], self.bytes.as_slice());
        while let Some((first, after)) = rest.split_first() {
            let order = match first {
                0x1b => {
                    let end = after.iter().skip(1).position(u8::is_ascii_alphabetic).unwrap() + 1;
                    assert!(after[0] == b'[' && after[1..end].iter().all(|c| c.is_ascii_digit() || *c == b';'));
                    assert!(b"ABKm".contains(&after[end]), "{:?}", String::from_utf8_lossy(&rest[..end + 2]));
                    &rest[..end + 2]
                }
                b'\r' if after.first() != Some(&b'\n') => &rest[..1],
                b'\r' => &[][..],
                byte => {
                    let is_end = *byte == b'\n' && self.bytes[..self.bytes.len() - rest.len()].ends_with(b"\r");
                    assert!(is_end || *byte >= 0x20 && *byte != 0x7f, "{byte:#x} {:?}", String::from_utf8_lossy(rest));
                    &[][..]
                }
            };
            if order.ends_with(b"m") || order.is_empty() {
                let piece = pieces.last_mut().unwrap();
                piece.colours |= !order.is_empty();
                piece.has_text |= order.is_empty();
            } else if pieces.last().unwrap().has_text {
                pieces.push(Piece::default());
            }
            let length = order.len().max(1);
            pieces.last_mut().unwrap().bytes.extend(&rest[..length]);
            rest = &rest[length..];
        }
        pieces
    }

    /// The content of the screen after each drawing.
    pub(crate) fn screens(&self) -> Vec<String> {
        let mut terminal = vt100::Parser::new(ROWS, COLUMNS, 0);
        let screen = |piece: Piece| {
            terminal.process(&piece.bytes);
            contents(terminal.screen())
        };
        self.pieces().into_iter().map(screen).collect()
    }
}
