//! The figures in the repository, and the allowed deviation of the counts.

use crate::{Shape, shapes};
use std::fmt::{self, Display};
use std::path::Path;
use std::{fs, io};

/// The allowed deviation of a count from the stored one, in per cent of the latter.
const MARGIN: u64 = 10;
/// A difference below this number of instructions per node is ignored: building W5 and W6 adds one node or three.
const NOTHING: u64 = 20;

/// The instructions per node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Count {
    /// Of the build.
    pub build: u64,
    /// Of the run, including the drop of its result.
    pub run: u64,
}

/// The counts of all shapes, and the tools that counted them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figures {
    /// The versions of the compiler, valgrind and the C library. Other versions change the counts slightly.
    pub tools: String,
    /// One for each shape.
    pub counts: Vec<(Shape, Count)>,
}

impl Figures {
    /// Reads the stored figures.
    ///
    /// # Errors
    ///
    /// If the file is missing, or was not written by [`Figures::write`].
    pub fn read(file: &Path) -> io::Result<Self> {
        let found = fs::read_to_string(file).ok().and_then(|text| Self::parse(&text));
        found.ok_or_else(|| io::Error::other(format!("{} holds no figures. {STORE}", file.display())))
    }

    /// Stores the figures.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        fs::write(file, self.to_string())
    }

    fn parse(text: &str) -> Option<Self> {
        let tools = text.lines().find_map(|line| line.strip_prefix(TOOLS))?.to_owned();
        let counts = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?;
            let shape = shapes().find(|shape| shape.name() == name)?;
            Some((shape, Count { build: words.next()?.parse().ok()?, run: words.next()?.parse().ok()? }))
        });
        Some(Self { tools, counts: counts.collect::<Option<_>>()? })
    }

    /// The deviations that exceed the margin, as sentences.
    pub fn complaints(&self, stored: &Self) -> Vec<String> {
        let mut complaints = Vec::new();
        for (shape, now) in &self.counts {
            let Some((_, before)) = stored.counts.iter().find(|(of, _)| of == shape) else {
                complaints.push(format!("{}: nothing is stored.", shape.name()));
                continue;
            };
            complaints.extend(complaint(shape.name(), "to build it", now.build, before.build));
            complaints.extend(complaint(shape.name(), "to run it", now.run, before.run));
        }
        if !complaints.is_empty() && self.tools != stored.tools {
            complaints.push(format!(
                "The stored figures are of {}; these are of {}. If the code is the same, that may be why.",
                stored.tools, self.tools
            ));
        }
        if !complaints.is_empty() {
            complaints.push(format!("benches/README.md says how to find out why. {STORE}"));
        }
        complaints
    }
}

impl Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Instructions a node of each shape at 1,000 nodes, written by `{COMMAND}`.")?;
        writeln!(f, "{TOOLS}{}", self.tools)?;
        writeln!(f, "#{:<15}{:>8}{:>8}", " shape", "build", "run")?;
        for (shape, Count { build, run }) in &self.counts {
            writeln!(f, "{:<16}{build:>8}{run:>8}", shape.name())?;
        }
        Ok(())
    }
}

const TOOLS: &str = "# Counted with ";
const COMMAND: &str = "cargo bench -p instructions -- --store";
const STORE: &str =
    "What became faster, and what is worth being slower, is stored by `cargo bench -p instructions -- --store`.";

fn complaint(shape: &str, part: &str, now: u64, before: u64) -> Option<String> {
    let change = now.abs_diff(before);
    if change <= NOTHING || change * 100 <= before * MARGIN {
        return None;
    }
    let (sign, became) = if now > before { ("+", "slower") } else { ("-", "faster") };
    Some(format!(
        "{shape}: {} instructions a node {part}, stored are {} ({sign}{:.0} %, allowed are {MARGIN} %): it became {became}.",
        thousands(now),
        thousands(before),
        change as f64 * 100.0 / before as f64
    ))
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(run: u64) -> Figures {
        let counts = shapes().map(|shape| (shape, Count { build: 4, run })).collect();
        Figures { tools: "some tools".to_owned(), counts }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        assert_eq!(Figures::parse(&figures(1_234).to_string()), Some(figures(1_234)));
        assert_eq!(Figures::parse("something else"), None);
        assert_eq!(Figures::parse("# Counted with this\nW1-chain 1"), None);
    }

    #[test]
    fn a_tenth_more_or_less_is_let_through_and_more_than_that_is_told() {
        let all = shapes().count() + 1; // the last line is the instruction
        for (now, told) in [(1_000, 0), (1_100, 0), (900, 0), (1_101, all), (899, all)] {
            assert_eq!(figures(now).complaints(&figures(1_000)).len(), told, "{now}");
        }
    }

    #[test]
    fn few_instructions_are_let_through_however_many_times_as_many() {
        assert_eq!(figures(24).complaints(&figures(4)), Vec::<String>::new());
        assert_eq!(figures(25).complaints(&figures(4)).len(), shapes().count() + 1);
    }

    #[test]
    fn a_complaint_names_the_shape_both_figures_and_what_to_do() {
        let slower = figures(5_733).complaints(&figures(4_900));
        let first = "W1-chain: 5,733 instructions a node to run it, stored are 4,900 (+17 %, allowed are 10 %): it became slower.";
        assert_eq!(slower[0], first);
        assert!(slower[slower.len() - 1].contains("`cargo bench -p instructions -- --store`"), "{slower:?}");
        let faster = &figures(1_000).complaints(&figures(2_000))[0];
        assert!(faster.ends_with("(-50 %, allowed are 10 %): it became faster."), "{faster}");
    }

    #[test]
    fn a_shape_that_is_not_stored_and_other_tools_are_told() {
        let mut stored = figures(1_000);
        stored.counts.pop();
        assert!(figures(1_000).complaints(&stored)[0].starts_with("W10-rules: nothing is stored."));
        let other = Figures { tools: "others".to_owned(), ..figures(1_000) };
        assert!(other.complaints(&stored)[1].starts_with("The stored figures are of some tools; these are of others."));
        assert_eq!(other.complaints(&figures(1_000)), Vec::<String>::new());
    }
}
