//! The command-line options.

use super::loads::Kind;
use crate::options::{seconds, size};
use crate::workload::Shape;
use std::time::Duration;

/// The options of `contention`.
#[derive(clap::Args, Clone)]
pub struct Args {
    /// The parts to measure.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", default_value = "grid,uneven,limit")]
    pub(super) parts: Vec<Part>,

    /// The numbers of worker threads of the runtimes.
    #[arg(long, value_delimiter = ',', value_name = "NUMBERS", default_value = "1,2,4,16,64", value_parser = workers)]
    pub(super) workers: Vec<usize>,

    /// The workloads of the grid, as `W1,W5-map`.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", default_value = "W1,W2,W3,W4,W5,W6", value_parser = shape)]
    pub(super) workloads: Vec<Shape>,

    /// The kinds of stages.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", default_value = "async,plain", value_parser = kind)]
    pub(super) stages: Vec<Kind>,

    /// The work of each node of the grid, in microseconds.
    #[arg(long, value_delimiter = ',', value_name = "MICROSECONDS", default_value = "0,1,5,20,100", value_parser = work)]
    pub(super) work: Vec<Duration>,

    /// The number of nodes.
    #[arg(short, long, value_name = "NUMBER", default_value = "10000", value_parser = size)]
    pub(super) n: usize,

    /// The time per cell, in seconds; at least three samples are taken.
    #[arg(long, value_name = "SECONDS", default_value = "0.2", value_parser = time)]
    pub(super) seconds: Duration,
}

/// A part of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum Part {
    /// Workloads, node durations, and numbers of workers.
    Grid,
    /// Long nodes among short ones.
    Uneven,
    /// The work under the lock, and the number of cores that it can supply.
    Limit,
}

fn workers(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=1_024).contains(number));
    number.ok_or_else(|| format!("`{text}` is not a number of worker threads, of at most 1024"))
}

fn shape(name: &str) -> Result<Shape, String> {
    let known = &Shape::ALL[..6];
    let names = || known.iter().map(|shape| shape.name()).collect::<Vec<_>>().join(", ");
    let shape = Shape::named(name).filter(|shape| known.contains(shape));
    shape.ok_or_else(|| format!("there is no workload `{name}` here; there are {}, or W1 for short", names()))
}

fn kind(name: &str) -> Result<Kind, String> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| format!("stages are `async` or `plain`, not `{name}`"))
}

fn time(text: &str) -> Result<Duration, String> {
    seconds(text).map(Duration::from_secs_f64)
}

fn work(text: &str) -> Result<Duration, String> {
    let micros = text.parse::<f64>().ok().filter(|micros| (0.0..=1e6).contains(micros));
    micros
        .map(|micros| Duration::from_secs_f64(micros / 1e6))
        .ok_or_else(|| format!("`{text}` is not a time in microseconds, of at most a second"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn parsed(line: &str) -> Result<Args, clap::Error> {
        Line::try_parse_from(["test"].into_iter().chain(line.split_whitespace())).map(|line| line.args)
    }

    #[test]
    fn what_is_not_asked_for_is_as_usual() {
        let args = parsed("").unwrap();
        assert_eq!(args.parts, [Part::Grid, Part::Uneven, Part::Limit]);
        assert_eq!(args.workers, [1, 2, 4, 16, 64]);
        assert_eq!(args.workloads, Shape::ALL[..6]);
        assert_eq!((args.stages, args.n), (Kind::ALL.to_vec(), 10_000));
    }

    #[test]
    fn lists_are_taken_with_commas() {
        let args =
            parsed("--parts limit,grid --workers 2,3 --workloads W1,W5-map --work 0.5,20 --stages plain").unwrap();
        assert_eq!(args.parts, [Part::Limit, Part::Grid]);
        assert_eq!((args.workers, args.workloads), (vec![2, 3], vec![Shape::Chain, Shape::Map]));
        assert_eq!(args.work, [500, 20_000].map(Duration::from_nanos));
        assert_eq!(args.stages, [Kind::Plain]);
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_code_2() {
        let lines =
            ["--workers 0", "--workloads W7", "--n 150", "--work -1", "--seconds NaN", "--stages both", "--parts x"];
        for line in lines {
            assert_eq!(parsed(line).err().map(|error| error.exit_code()), Some(2), "{line}");
        }
    }
}
