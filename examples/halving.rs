//! Selects the best number of neighbours by cross-validation with successive halving.
//!
//!     cargo run --example halving
//!
//! Sixteen candidates are evaluated on a small data set. The better half continues with twice as much data, and so on
//! until one candidate is left. An evaluation consists of five nodes: each predicts a fifth of the data from the rest.
//!
//! Look at `next`: the result of a round decides which candidates the next round evaluates, so the rule leads to
//! itself, and `within 5` bounds it. Look at the table: with more data, more neighbours are better, and the winner did
//! not lead from the start.

#![expect(clippy::print_stdout, reason = "it is a program for the terminal")]

use dagcore::prelude::*;
use std::collections::BTreeMap;

const FOLDS: usize = 5;

/// One row of the data.
#[derive(Clone, Copy)]
struct Row {
    x: [f64; 2],
    y: f64,
}

/// Predicts the mean of the `k` nearest neighbours; if `weighted`, nearer neighbours have larger weights.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    k: usize,
    weighted: bool,
}

/// A candidate and its mean squared error over the folds.
#[derive(Clone, Copy)]
struct Score {
    candidate: Candidate,
    error: f64,
}

struct Round {
    data: Vec<Row>,
    candidates: Vec<Candidate>,
}

/// Selects the better candidates and creates the data for the next round.
#[stage]
fn round(mut tried: Vec<Score>, go_on: usize, rows: usize) -> Round {
    tried.sort_by(|a, b| a.error.total_cmp(&b.error));
    Round { data: measure(1, rows), candidates: tried.iter().take(go_on).map(|score| score.candidate).collect() }
}

/// Returns the mean squared error on one fold, predicted from the other folds.
#[stage]
fn fold(round: &Round, candidate: Candidate, fold: usize) -> f64 {
    let known: Vec<Row> =
        round.data.iter().enumerate().filter(|(at, _)| at % FOLDS != fold).map(|(_, row)| *row).collect();
    let queried: Vec<Row> = round.data.iter().skip(fold).step_by(FOLDS).copied().collect();
    candidate.error(&known, &queried)
}

#[stage]
fn score(candidate: Candidate, errors: &[f64]) -> Score {
    Score { candidate, error: errors.iter().sum::<f64>() / errors.len() as f64 }
}

/// Returns the winner's error on data that no round has used.
#[stage]
fn test(round: &Round, winner: Candidate) -> Score {
    Score { candidate: winner, error: winner.error(&round.data, &measure(2, 1_000)) }
}

rule! {
    /// Each round evaluates its candidates, and the better half enters the next round.
    next: when each(round), adds [fold, score, round, test] within 5,
    then |grow, node, round| {
        if let [winner] = round.candidates[..] {
            grow.add(test::new(node, winner));
            return;
        }
        let mut scores = Vec::new();
        for candidate in &round.candidates {
            let errors: Vec<_> = (0..FOLDS).map(|fold| grow.add(fold::new(node, *candidate, fold))).collect();
            scores.push(grow.add(score::new(*candidate, errors)));
        }
        grow.add(round::new(scores, round.candidates.len() / 2, 2 * round.data.len()));
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let all = [1, 2, 3, 5, 8, 13, 21, 32].map(|k| [false, true].map(|weighted| Candidate { k, weighted }));
    let entered = all.as_flattened().iter().map(|candidate| Score { candidate: *candidate, error: 0.0 });

    let mut flow = Workflow::new("halving").rules(rules![next]).keep::<round>().keep::<score>();
    flow.add(round::new(entered.collect::<Vec<_>>(), 16, 40));
    let done = flow.run().await?;

    // The scores are in lineage order: first those of the first round, then those of the second, and so on.
    let (mut scores, mut table) = (done.outputs::<score>()?, BTreeMap::<Candidate, Vec<f64>>::new());
    print!("neighbours ");
    for round in done.outputs::<round>()?.filter(|round| round.candidates.len() > 1) {
        print!("  {:4} rows", round.data.len());
        for Score { candidate, error } in scores.by_ref().take(round.candidates.len()) {
            table.entry(*candidate).or_default().push(*error);
        }
    }
    println!();
    let mut lines: Vec<_> = table.iter().collect();
    lines.sort_by(|(_, a), (_, b)| b.len().cmp(&a.len()).then(a[a.len() - 1].total_cmp(&b[b.len() - 1])));
    for (candidate, errors) in lines {
        let errors: String = errors.iter().map(|error| format!("{error:11.4}")).collect();
        println!("{:2} {:8}{errors}", candidate.k, candidate.kind());
    }

    let Score { candidate, error } = done.only::<test>()?;
    let folds = done.nodes::<fold>().count();
    println!("\n{folds} folds were predicted. The winner is {} neighbours, {}.", candidate.k, candidate.kind());
    println!("Its mean squared error on 1000 unseen rows is {error:.4}, of which 0.09 is noise.");
    Ok(())
}

impl Candidate {
    fn kind(self) -> &'static str {
        if self.weighted { "weighted" } else { "equal" }
    }

    /// Returns the mean squared error of the predictions for `queried` from `known`.
    fn error(self, known: &[Row], queried: &[Row]) -> f64 {
        let squares = queried.iter().map(|row| (self.predict(known, row.x) - row.y).powi(2));
        squares.sum::<f64>() / queried.len() as f64
    }

    fn predict(self, known: &[Row], x: [f64; 2]) -> f64 {
        let distance = |row: &Row| (row.x[0] - x[0]).hypot(row.x[1] - x[1]);
        let mut near: Vec<_> = known.iter().map(|row| (distance(row), row.y)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let weight = |distance: f64| if self.weighted { 1.0 / (distance + 1e-9) } else { 1.0 };
        let (sum, weights) = near.iter().take(self.k).fold((0.0, 0.0), |(sum, weights), (distance, y)| {
            (sum + weight(*distance) * y, weights + weight(*distance))
        });
        sum / weights
    }
}

/// Simulates an instrument: the rows are deterministic for a seed, and fewer rows are a prefix of more rows.
fn measure(seed: u64, rows: usize) -> Vec<Row> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut row = || {
        let x = [random.f64(), random.f64()];
        let noise = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
        Row { x, y: (6.0 * x[0]).sin() + 4.0 * (x[1] - 0.5).powi(2) + 0.3 * noise }
    };
    (0..rows).map(|_| row()).collect()
}
