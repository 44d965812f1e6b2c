//! Writes the table in the README: shorter than that of the terminal, with the command that reproduces it.

use super::compare::Figures;
use crate::workload::Shape;
use std::fs;
use std::path::Path;

const BEGIN: &str = "<!-- side-by-side: written by the command below -->";
const END: &str = "<!-- side-by-side ends -->";

/// The sizes of the first table, if they were measured.
const SHOWN: [usize; 2] = [1_000, 100_000];

const OURS: &str = "dagcore";

/// Writes the section into the README of the repository.
///
/// # Errors
///
/// If it cannot be read or written, or does not contain the marks.
pub(super) fn write(section: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let told = |e| format!("{}: {e}", path.display());
    let text = fs::read_to_string(&path).map_err(told)?;
    let text = put(&text, section).ok_or_else(|| format!("{}: no `{BEGIN}` .. `{END}`", path.display()))?;
    fs::write(&path, text).map_err(told)
}

/// Replaces the text between the marks with the section.
fn put(text: &str, section: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", section.trim()))
}

/// The section: the run times of all peers, then all figures of `dagcore`.
pub(super) fn section(found: &[Figures], command: &str, machine: &str) -> String {
    let mut sizes: Vec<usize> = found.iter().map(|it| it.n).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut shown: Vec<usize> = SHOWN.into_iter().filter(|n| sizes.contains(n)).collect();
    if shown.is_empty() {
        shown.extend(sizes.first().into_iter().chain(sizes.last()).copied());
        shown.dedup();
    }
    let run = |peer: &str, shape, n: usize| number(find(found, peer, shape, n).map(|it| it.run.best));
    let mut text = format!("`{command}`, {machine}.\n\n");
    let at = shown.iter().map(|n| digits(*n)).collect::<Vec<_>>().join(" / ");
    text += &format!(
        "Nanoseconds per node, best run, at N = {at}. The work is trivial, but for W7, where it is a millisecond of one \
         core. `–` marks a workload that a peer cannot run, or not in reasonable time.\n\n"
    );
    let peers = each_once(found.iter().map(|it| it.peer));
    let shapes = each_once(found.iter().map(|it| it.shape));
    line(&mut text, ["".to_owned()].into_iter().chain(peers.iter().map(|peer| format!("`{peer}`"))));
    line(&mut text, ["---".to_owned()].into_iter().chain(peers.iter().map(|_| "---:".to_owned())));
    for shape in &shapes {
        let cells = peers.iter().map(|peer| {
            let cells: Vec<_> = shown.iter().map(|n| run(peer, *shape, *n)).collect();
            if cells.iter().all(|cell| cell == "–") { "–".to_owned() } else { cells.join(" / ") }
        });
        line(&mut text, [shape.name().to_owned()].into_iter().chain(cells));
    }
    if !peers.contains(&OURS) {
        return text;
    }
    text +=
        "\n`dagcore` alone, with the building of the graph and the peak of memory, both per node at the largest N:\n\n";
    let titles = sizes.iter().map(|n| format!("N = {}", digits(*n)));
    let last = ["build, ns", "peak, bytes"].map(str::to_owned);
    line(&mut text, ["".to_owned()].into_iter().chain(titles).chain(last));
    line(&mut text, ["---".to_owned()].into_iter().chain(vec!["---:".to_owned(); sizes.len() + 2]));
    for shape in shapes {
        let largest = sizes.iter().rev().find_map(|n| find(found, OURS, shape, *n));
        let last = [number(largest.map(|it| it.build.best)), number(largest.and_then(|it| it.peak))];
        let runs = sizes.iter().map(|n| run(OURS, shape, *n));
        line(&mut text, [shape.name().to_owned()].into_iter().chain(runs).chain(last));
    }
    text
}

fn find<'a>(found: &'a [Figures], peer: &str, shape: Shape, n: usize) -> Option<&'a Figures> {
    found.iter().find(|it| (it.peer, it.shape, it.n) == (peer, shape, n))
}

fn each_once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    all.for_each(|one| {
        if !once.contains(&one) {
            once.push(one);
        }
    });
    once
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    *text += &format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| digits(value.round() as usize))
}

/// Formats a number with a comma between thousands.
fn digits(n: usize) -> String {
    let plain = n.to_string();
    let mut text = String::new();
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::took::Took;

    fn figures(peer: &'static str, shape: Shape, n: usize, run: f64) -> Figures {
        let took = |best| Took { best, median: best };
        Figures { peer, shape, n, build: took(run / 2.0), run: took(run), peak: Some(99.6) }
    }

    #[test]
    fn the_section_replaces_what_stood_between_the_marks() {
        let before = format!("# Title\n\n{BEGIN}\nold\n{END}\n\n## More\n");
        let once = put(&before, "\nnew\n").unwrap();
        assert_eq!(once, format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\n## More\n"));
        assert_eq!(put(&once, "new").unwrap(), once);
        assert_eq!(put("# Title\n", "new"), None);
        assert_eq!(put(&format!("{END}\n{BEGIN}\n"), "new"), None);
    }

    #[test]
    fn the_readme_of_the_repository_has_the_marks() {
        let readme = include_str!("../../README.md");
        assert!(put(readme, "new").is_some_and(|text| text.contains("\nnew\n")));
    }

    #[test]
    fn the_section_has_a_column_for_each_peer_and_a_row_for_each_workload() {
        let found = [
            figures("dagcore", Shape::Chain, 1_000, 150.4),
            figures("slow", Shape::Chain, 1_000, 4_000.0),
            figures("dagcore", Shape::Chain, 100_000, 160.0),
            figures("dagcore", Shape::Map, 1_000, 170.0),
            figures("dagcore", Shape::Chain, 1_000_000, 1_234.5),
        ];
        let text = section(&found, "cargo x", "a machine");
        assert!(text.starts_with("`cargo x`, a machine.\n"), "{text}");
        assert!(text.contains("at N = 1,000 / 100,000. The"), "{text}");
        assert!(text.contains("|  | `dagcore` | `slow` |\n| --- | ---: | ---: |\n"), "{text}");
        assert!(text.contains("| W1-chain | 150 / 160 | 4,000 / – |\n"), "{text}");
        assert!(text.contains("| W5-map | 170 / – | – |\n"), "{text}");
        assert!(text.contains("| W1-chain | 150 | 160 | 1,235 | 617 | 100 |\n"), "{text}");
    }

    #[test]
    fn other_sizes_are_shown_when_the_usual_ones_were_not_measured() {
        let found = [100, 200, 500].map(|n| figures("slow", Shape::Chain, n, 1.0));
        assert!(section(&found, "", "").contains("at N = 100 / 500. The"));
    }
}
