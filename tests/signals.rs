//! A run that is terminated by a signal to its process.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The program, and its output.
struct Victim {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Victim {
    /// Starts the program with a grace period in seconds.
    fn begun(grace: u32) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_victim"))
            .arg(grace.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut victim = Self { child, output };
        victim.says("begun");
        victim
    }

    /// Waits for its next line, which must be this one.
    fn says(&mut self, what: &str) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), what);
    }

    fn signal(&self, name: &str) {
        let killed = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// Returns its remaining output, its exit status, and the elapsed time.
    fn end(mut self) -> (String, ExitStatus, Duration) {
        let begin = Instant::now();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        let status = self.child.wait().unwrap();
        (rest, status, begin.elapsed())
    }
}

#[test]
fn ctrl_c_and_sigterm_end_a_run_in_order() {
    for (signal, said) in [("INT", "Ctrl-C"), ("TERM", "SIGTERM")] {
        let victim = Victim::begun(1);
        victim.signal(signal);
        let (output, status, took) = victim.end();
        assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
        // Nodes that end within the grace period count as succeeded; waiting and unstarted nodes are cancelled.
        assert!(output.contains("3 nodes, 1 succeeded, 2 cancelled"), "{output}");
        assert!(output.contains(&format!("the process received {said}")), "{output}");
        assert!(output.contains("tracked to the end"), "{output}");
    }
}

#[test]
fn a_second_signal_ends_the_time_of_grace_at_once() {
    let mut victim = Victim::begun(1_000);
    victim.signal("INT");
    victim.says("told"); // two signals at once would be merged into one
    victim.signal("INT");
    let (output, status, took) = victim.end();
    assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
    assert!(output.contains("1 succeeded, 2 cancelled"), "{output}");
}
