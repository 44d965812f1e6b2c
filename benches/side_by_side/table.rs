//! The tables for the terminal: the run time of all peers, then the build time and the memory.

use super::compare::Figures;
use super::plan::{Part, Plan};
use crate::workload::Shape;

/// The peers that `dagcore` is compared with, and the titles of the columns.
const AGAINST: [(&str, &str); 2] = [("raw-spawn", "to spawn"), ("raw-boxbatch", "to boxbatch")];

const OURS: &str = "dagcore";

/// The first line of the first table.
pub(super) fn head(plan: &Plan) -> String {
    let mut line = start("best/median", "nodes");
    plan.peers.iter().for_each(|peer| cell(&mut line, peer.name));
    against(plan).for_each(|(_, title)| cell(&mut line, title));
    line
}

/// A line of the first table.
pub(super) fn row(plan: &Plan, shape: Shape, n: usize, found: &[Figures]) -> String {
    let of = |name: &str| found.iter().find(|figures| figures.peer == name);
    let mut line = start(shape.name(), &n.to_string());
    for peer in &plan.peers {
        let text = of(peer.name).map_or_else(|| missing(plan.part(peer, shape, n)), |it| it.run.show(0));
        cell(&mut line, &text);
    }
    for (other, _) in against(plan) {
        let both = of(OURS).zip(of(other));
        cell(&mut line, &both.map_or_else(|| "–".to_owned(), |(ours, theirs)| ours.run.over(theirs.run).show(2)));
    }
    line
}

/// The second table: nanoseconds to build a node, and, if requested, peak bytes per node.
pub(super) fn build_and_memory(plan: &Plan, found: &[Figures]) -> String {
    let bytes = found.iter().any(|figures| figures.peak.is_some());
    let mut text = start(if bytes { "build/bytes" } else { "build" }, "nodes");
    plan.peers.iter().for_each(|peer| cell(&mut text, peer.name));
    for shape in &plan.shapes {
        for n in &plan.sizes {
            text.push('\n');
            text += &start(shape.name(), &n.to_string());
            for peer in &plan.peers {
                let it = found.iter().find(|it| (it.peer, it.shape, it.n) == (peer.name, *shape, *n));
                let peak = |it: &Figures| it.peak.map_or_else(String::new, |bytes| format!("/{bytes:.0}"));
                let shown = it.map(|it| format!("{:.0}{}", it.build.best, peak(it)));
                cell(&mut text, &shown.unwrap_or_else(|| missing(plan.part(peer, *shape, *n))));
            }
        }
    }
    text
}

/// The measurements that were left out because they take long, if there are any.
pub(super) fn left_out(plan: &Plan) -> Option<String> {
    let mut all: Vec<(String, Vec<&str>)> = Vec::new();
    for n in &plan.sizes {
        for shape in &plan.shapes {
            let too_long = plan.peers.iter().filter(|peer| plan.part(peer, *shape, *n) == Part::TooLong);
            let names: Vec<_> = too_long.map(|peer| peer.name).collect();
            let who = match names.len() {
                0 => continue,
                many if many == plan.peers.len() => format!("{n} nodes by anyone"),
                _ => format!("{n} nodes by {}", names.join(", ")),
            };
            match all.iter_mut().find(|(known, _)| *known == who) {
                Some((_, shapes)) => shapes.push(shape.name()),
                None => all.push((who, vec![shape.name()])),
            }
        }
    }
    let all: Vec<_> = all.into_iter().map(|(who, shapes)| format!("{who}: {}", shapes.join(", "))).collect();
    (!all.is_empty()).then(|| format!("left out, as it takes long (--peers with --n runs it): {}", all.join("; ")))
}

fn against(plan: &Plan) -> impl Iterator<Item = (&'static str, &'static str)> {
    let here = |name: &str| plan.peers.iter().any(|peer| peer.name == name);
    AGAINST.into_iter().filter(move |(other, _)| here(OURS) && here(other))
}

fn missing(part: Part) -> String {
    match part {
        Part::Runs | Part::Cannot => "–".to_owned(),
        Part::TooLong => "..".to_owned(),
    }
}

fn start(name: &str, n: &str) -> String {
    format!("{name:<16}{n:>8}")
}

fn cell(line: &mut String, text: &str) {
    *line += &format!("{text:>16}");
}

#[cfg(test)]
mod tests {
    use super::super::args::Args;
    use super::super::plan::Defaults;
    use super::super::plan::tests::FAKE;
    use super::*;
    use crate::peers::Contestant;
    use crate::took::Took;
    use std::time::Duration;

    fn plan(peers: &[Contestant], shapes: &[Shape], sizes: &[usize]) -> Plan {
        let nothing = Args { peers: vec![], workloads: vec![], n: vec![], seconds: None, json: false, readme: false };
        Plan::new(&nothing, Defaults { peers, shapes, sizes, time: Duration::ZERO, least: 1, memory: None })
    }

    fn figures(peer: &'static str, best: f64) -> Figures {
        let run = Took { best, median: best * 2.0 };
        Figures { peer, shape: Shape::Chain, n: 100, build: Took { best: 7.0, median: 8.0 }, run, peak: Some(90.6) }
    }

    fn words(line: &str) -> Vec<&str> {
        line.split_whitespace().collect()
    }

    #[test]
    fn a_row_has_everybody_and_what_we_took_beside_those_by_hand() {
        let ours = Contestant { name: "dagcore", ..FAKE };
        let spawn = Contestant { name: "raw-spawn", ..FAKE };
        let plan = plan(&[spawn, FAKE, ours], &[Shape::Chain], &[100]);
        assert_eq!(words(&head(&plan)), ["best/median", "nodes", "raw-spawn", "fake", "dagcore", "to", "spawn"]);
        let found = [figures("dagcore", 30.0), figures("raw-spawn", 60.0)];
        let row = row(&plan, Shape::Chain, 100, &found);
        assert_eq!(words(&row), ["W1-chain", "100", "60/120", "–", "30/60", "0.50/0.50"]);
        let second = build_and_memory(&plan, &found);
        let lines: Vec<_> = second.lines().map(words).collect();
        assert_eq!(lines[0], ["build/bytes", "nodes", "raw-spawn", "fake", "dagcore"]);
        assert_eq!(lines[1], ["W1-chain", "100", "7/91", "–", "7/91"]);
    }

    #[test]
    fn what_is_left_out_is_told_by_size_and_peers() {
        let other = Contestant { name: "other", ..FAKE };
        let third = Contestant { name: "third", reach: |_| crate::peers::Reach::All, ..FAKE };
        let shapes = [Shape::Chain, Shape::Compute, Shape::Groups];
        let told = left_out(&plan(&[FAKE, other, third], &shapes, &[100, 100_000])).unwrap();
        let (_, what) = told.split_once("): ").unwrap();
        assert_eq!(what, "100000 nodes by anyone: W7-compute; 100000 nodes by fake, other: W9-groups");
        assert_eq!(left_out(&plan(&[FAKE], &shapes, &[100])), None);
    }
}
