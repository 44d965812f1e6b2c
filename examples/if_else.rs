//! A result selects the branch: a batch of parts is shipped or sent back.
//!
//!     cargo run --example if_else                      # two batches, one for each branch
//!     cargo run --example if_else -- 10.02 9.99 10.31  # your own widths, in millimetres
//!
//! Look at the two rules: both read the same output, which is available once its node has succeeded. The nodes of the
//! branch that is not taken are never added, so no node is skipped. The report lists the rule that did not fire.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;

/// Returns the largest deviation from the ordered 10 mm.
#[stage]
fn measure(widths: &[f64]) -> f64 {
    widths.iter().map(|width| (width - 10.0).abs()).fold(0.0, f64::max)
}

#[stage]
fn ship(deviation: f64) -> String {
    format!("shipped: all within {deviation:.2} mm")
}

#[stage]
fn send_back(deviation: f64) -> String {
    format!("sent back: one is off by {deviation:.2} mm")
}

const TOLERANCE: f64 = 0.1;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let given = std::env::args().skip(1).map(|width| width.parse()).collect::<Result<Vec<f64>, _>>()?;
    let batches = if given.is_empty() { vec![vec![10.02, 9.97, 10.01], vec![10.02, 9.97, 10.31]] } else { vec![given] };

    for widths in batches {
        println!("{widths:?}");
        let mut flow = Workflow::new("parts");
        let deviation = flow.add(measure::new(widths));
        flow.rule(rule! {
            when |view| view.output(deviation).is_some_and(|mm| *mm <= TOLERANCE),
            adds [ship],
            then |grow| { grow.add(ship::new(deviation)); }
        });
        flow.rule(rule! {
            when |view| view.output(deviation).is_some_and(|mm| *mm > TOLERANCE),
            adds [send_back],
            then |grow| { grow.add(send_back::new(deviation)); }
        });

        let done = flow.run().await?;
        let decision = done.only::<ship>().or_else(|_| done.only::<send_back>())?;
        println!("{decision}\n{done}\n");
    }
    Ok(())
}
