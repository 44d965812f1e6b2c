//! The command-line options.

use crate::options::{seconds, size};
use crate::peers::{self, Contestant};
use crate::workload::Shape;

/// The options of `side-by-side`.
#[derive(clap::Args, Clone)]
pub struct Args {
    /// The peers, as `dagcore,rayon` [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = peer)]
    pub(super) peers: Vec<Contestant>,

    /// The workloads, as `W1,W5-map` [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = workload)]
    pub(super) workloads: Vec<Shape>,

    /// The numbers of nodes, as `100,1000`. Together with `--peers`, slow runs are not skipped.
    #[arg(short, long, value_delimiter = ',', value_name = "NUMBERS", value_parser = size)]
    pub(super) n: Vec<usize>,

    /// Time per peer, workload and size; at least three samples are taken.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) seconds: Option<f64>,

    /// Prints only JSON, one object per line.
    #[arg(long)]
    pub(super) json: bool,

    /// Writes the table into the README of the repository.
    #[arg(long)]
    pub(super) readme: bool,
}

impl Args {
    /// Returns `true` if the output format requires peak memory.
    pub fn wants_memory(&self) -> bool {
        self.json || self.readme
    }
}

pub(super) fn peer(name: &str) -> Result<Contestant, String> {
    let known = peers::ALL.map(|peer| peer.name).join(", ");
    peers::named(name).ok_or_else(|| format!("there is no peer `{name}`; there are {known}"))
}

pub(super) fn workload(name: &str) -> Result<Shape, String> {
    let known = Shape::ALL.map(Shape::name).join(", ");
    Shape::named(name).ok_or_else(|| format!("there is no workload `{name}`; there are {known}, or W1 for short"))
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

    fn refused(line: &str) -> String {
        let error = parsed(line).err().unwrap();
        assert_eq!(error.exit_code(), 2);
        error.to_string()
    }

    #[test]
    fn lists_are_taken_with_commas() {
        let args = parsed("--peers dagcore,raw-spawn --workloads W1,W5-map,W10 --n 100,1_000 --seconds 0.5").unwrap();
        assert_eq!(args.peers.iter().map(|peer| peer.name).collect::<Vec<_>>(), ["dagcore", "raw-spawn"]);
        assert_eq!(args.workloads, [Shape::Chain, Shape::Map, Shape::Rules]);
        assert_eq!(args.n, [100, 1_000]);
        assert_eq!(args.seconds, Some(0.5));
        assert!(!args.json && !args.readme);
    }

    #[test]
    fn an_unknown_name_is_refused_with_those_there_are() {
        let message = refused("--peers dagcore,adage");
        assert!(message.contains("there is no peer `adage`"), "{message}");
        assert!(peers::ALL.iter().all(|peer| message.contains(peer.name)), "{message}");
        let message = refused("--workloads W11");
        assert!(message.contains("there is no workload `W11`"), "{message}");
        assert!(Shape::ALL.iter().all(|shape| message.contains(shape.name())), "{message}");
    }

    #[test]
    fn a_size_is_a_multiple_of_what_fills_layers_and_groups() {
        assert!(refused("--n 150").contains("a multiple of 100, which 150 is not"));
        assert!(refused("--n 0").contains("a multiple of 100"));
        assert!(refused("--n 18446744073709551600").contains("at most 10000000 nodes"));
        assert!(refused("--n many").contains("`many` is not a number of nodes"));
    }

    #[test]
    fn a_time_is_a_number_of_seconds() {
        assert!(refused("--seconds -1").contains("-1"));
        assert!(refused("--seconds NaN").contains("`NaN` is not a time"));
    }
}
