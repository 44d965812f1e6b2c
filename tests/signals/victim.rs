//! A program that waits for a signal, for the signal test.

#![expect(clippy::print_stdout, reason = "the test reads its output")]

use dagcore::prelude::*;
use dagcore::{End, Event, RunSnapshot, Tracker};
use std::time::Duration;

#[stage]
async fn waits() {
    std::future::pending().await
}

#[stage]
async fn closes(context: &StageContext) -> u32 {
    println!("begun");
    context.cancelled().await;
    println!("told");
    7
}

#[stage]
async fn later(n: u32) -> u32 {
    n
}

/// Prints a line when it receives the end of the run.
struct Last;

impl Tracker for Last {
    fn event(&mut self, _: &Event, _: &RunSnapshot) {}

    fn end(&mut self, _: End<'_>, _: &RunSnapshot) {
        println!("tracked to the end");
    }
}

fn main() {
    let grace = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
    let mut flow = Workflow::new("victim").stop_on_signals().grace(Duration::from_secs(grace)).track(Last);
    flow.add(waits::new());
    let closes = flow.add(closes::new());
    flow.add(later::new(closes));
    match flow.run_blocking() {
        Ok(report) => println!("{report}"),
        Err(error) => println!("{error}"),
    }
}
