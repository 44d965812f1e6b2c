//! The tables for the terminal: what the run takes beside everybody, then the building and the memory.

use super::compare::Figures;
use super::plan::{Part, Plan};
use crate::workload::Shape;

/// Those that `dagcore` is held against, and what the column is called.
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

/// The second table: nanoseconds to build a node, and where it was asked for, bytes for a node at the peak.
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

/// What was left out because it takes long, if anything was.
pub(super) fn left_out(plan: &Plan) -> Option<String> {
    let mut all = Vec::new();
    for shape in &plan.shapes {
        for n in &plan.sizes {
            let too_long = plan.peers.iter().filter(|peer| plan.part(peer, *shape, *n) == Part::TooLong);
            let names: Vec<_> = too_long.map(|peer| peer.name).collect();
            if !names.is_empty() {
                all.push(format!("{} of {n} by {}", shape.name(), names.join(", ")));
            }
        }
    }
    let all = all.join("; ");
    (!all.is_empty()).then(|| format!("left out, as it takes long (--peers with --n runs it): {all}"))
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
    *line += &format!("{text:>15}");
}
