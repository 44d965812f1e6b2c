//! The text of a possible graph, and the labels of its arrows.

use super::Possible;
use super::arrow::{ArrowEnd, ArrowKind, PossibleArrow};
use super::multiplicity::Multiplicity;
use super::parts::{PossibleRule, PossibleStage, StageCount};
use crate::dag::base::declared_additions::Keying;
use crate::dag::base::escaping::{Message, Name};
use crate::dag::base::ids::StageId;
use crate::dag::rules::rule_spec::Below;
use std::fmt;

/// Maximum number of names of one rule that a text lists.
const MOST_NAMES: usize = 3;

/// Displays the short form for pictures: `0`, `1`, `0..1`, `n`, `n, recursive`.
impl fmt::Display for Multiplicity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("0"),
            Self::Exactly(number) => write!(f, "{number}"),
            Self::AtMost(number) => write!(f, "0..{number}"),
            Self::AnyNumber => f.write_str("n"),
            Self::Recursive => f.write_str("n, recursive"),
        }
    }
}

/// Displays the counts that are not zero: `3 succeeded, 1 failed`.
impl fmt::Display for StageCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nodes, succeeded, failed, skipped, cancelled, unsettled } = *self;
        if nodes == 0 {
            return f.write_str("none");
        }
        let counts = [
            (succeeded, "succeeded"),
            (failed, "failed"),
            (skipped, "skipped"),
            (cancelled, "cancelled"),
            (unsettled, "unsettled"),
        ];
        let shown = counts.into_iter().filter(|(count, _)| *count > 0);
        f.write_str(&shown.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", "))
    }
}

/// Displays a line for each stage, each rule and each warning.
impl fmt::Display for Possible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.title.as_ref().map_or(String::new(), |title| format!(" of `{}`", Name(title)));
        let (stages, rules) = (self.stages.len(), self.rules.len());
        let s = |number: usize| if number == 1 { "" } else { "s" };
        write!(f, "the possible graph{title}: {stages} stage{}, {rules} rule{}", s(stages), s(rules))?;
        for end in self.ends() {
            write!(f, "\n  {}", self.about(end))?;
        }
        self.warnings.iter().try_for_each(|warning| write!(f, "\n  warning: {}", Message(warning)))
    }
}

impl Possible {
    /// Returns the label of an arrow in a picture: `for each`, `when closed`, `by key, +97`. Empty where the arrow
    /// itself is enough.
    pub fn label(&self, arrow: &PossibleArrow) -> String {
        let adds = |keying, within: Option<u32>| {
            let mut words = Vec::new();
            match keying {
                Keying::None if matches!(arrow.from, ArrowEnd::Stage(_)) => words.push("adds".to_owned()),
                Keying::None => {}
                Keying::Run => words.push("by key".to_owned()),
                Keying::Under(group) => words.push(format!("by key under {}", Name(self.name_of(group)))),
            }
            words.extend(within.map(|within| format!("within {within}")));
            words.extend(arrow.actual.map(|nodes| format!("+{nodes}")));
            words.join(", ")
        };
        let plain = match arrow.kind {
            ArrowKind::Each => "for each",
            ArrowKind::EachFailed => "for each failed",
            ArrowKind::BelowEach => "below each",
            ArrowKind::Below(Below::Closed) => "when closed below",
            ArrowKind::Below(Below::Settled) => "when settled below",
            ArrowKind::Below(Below::Done) => "when done below",
            ArrowKind::Closed => "when closed",
            ArrowKind::Count(wanted) => return format!("when ≥ {wanted}"),
            ArrowKind::CountDone(wanted) => return format!("when ≥ {wanted} succeeded"),
            ArrowKind::Done => "when done",
            ArrowKind::Settled => "when settled",
            ArrowKind::Failed => "when failed",
            ArrowKind::Named => "when named",
            ArrowKind::Adds { keying, within } => return adds(keying, within),
            ArrowKind::Registers => match arrow.actual {
                Some(rules) => return format!("registers, +{rules}"),
                None => "registers",
            },
            ArrowKind::Needs | ArrowKind::Follows => "",
        };
        plain.to_owned()
    }

    /// Iterates over the stages, then the rules.
    pub(crate) fn ends(&self) -> impl Iterator<Item = ArrowEnd> {
        let rules = (0..self.rules.len()).map(ArrowEnd::Rule);
        (0..self.stages.len()).map(ArrowEnd::Stage).chain(rules)
    }

    /// Returns the full description of a stage or a rule.
    pub(crate) fn about(&self, end: ArrowEnd) -> String {
        match end {
            ArrowEnd::Stage(place) => self.stage_line(place, &self.stages[place]),
            ArrowEnd::Rule(place) => self.rule_line(place, &self.rules[place]),
            ArrowEnd::Anything => "every stage there is".to_owned(),
        }
    }

    fn name_of(&self, id: StageId) -> &str {
        self.stages.iter().find(|stage| stage.id == id).map_or("?", |stage| &stage.name)
    }

    fn name_at(&self, end: ArrowEnd) -> String {
        match end {
            ArrowEnd::Stage(place) => quoted(&self.stages[place].name),
            ArrowEnd::Rule(place) => quoted(&self.rules[place].name),
            ArrowEnd::Anything => "anything".to_owned(),
        }
    }

    fn stage_line(&self, place: usize, stage: &PossibleStage) -> String {
        let many = match stage.multiplicity {
            Multiplicity::Never => "none, because nothing can add one".to_owned(),
            Multiplicity::Exactly(nodes) => format!("{nodes}, and no other"),
            Multiplicity::AtMost(nodes) => format!("at most {nodes}"),
            Multiplicity::AnyNumber => "any number".to_owned(),
            Multiplicity::Recursive => "any number, leads to itself".to_owned(),
        };
        let own = match (stage.multiplicity, stage.program) {
            (Multiplicity::Exactly(_), _) | (_, 0) => String::new(),
            (_, own) => format!("; {own} from the program"),
        };
        let added = self.added(ArrowEnd::Stage(place)).join(", ");
        let added = if added.is_empty() { added } else { format!("; while it runs it adds {added}") };
        let really = stage.actual.map_or(String::new(), |count| match count.nodes {
            0 => "; none came".to_owned(),
            nodes => format!("; {nodes} came: {count}"),
        });
        format!("stage {}: {many}{own}{added}{really}", quoted(&stage.name))
    }

    fn rule_line(&self, place: usize, rule: &PossibleRule) -> String {
        let own = ArrowEnd::Rule(place);
        let registered = match (self.registrars(own), rule.registered) {
            (None, 1) => String::new(),
            (None, rules) => format!(" (registered {rules} times)"),
            (Some(by), 1) => format!(" (registered once, by {by})"),
            (Some(by), rules) => format!(" (registered {rules} times, by {by})"),
        };
        let times = match rule.multiplicity {
            Multiplicity::Never => "never".to_owned(),
            Multiplicity::Exactly(1) => "once".to_owned(),
            Multiplicity::Exactly(times) => format!("{times} times"),
            Multiplicity::AtMost(1) => "at most once".to_owned(),
            Multiplicity::AtMost(times) => format!("at most {times} times"),
            Multiplicity::AnyNumber => "any number of times".to_owned(),
            Multiplicity::Recursive => "any number of times, leads to itself".to_owned(),
        };
        let waits = match self.waits(own, rule).join(" and ") {
            none if none.is_empty() => "at once".to_owned(),
            waits => waits,
        };
        let adds = match self.added(own).join(", ") {
            _ if !rule.declares => "anything, because it declares nothing".to_owned(),
            none if none.is_empty() => "nothing".to_owned(),
            some => some,
        };
        let really = match rule.fired {
            None => String::new(),
            Some(0) => "; never fired".to_owned(),
            Some(1) => "; fired once".to_owned(),
            Some(times) => format!("; fired {times} times"),
        };
        format!("rule {}{registered}: {times}; {waits} it adds {adds}{really}", quoted(&rule.name))
    }

    /// Returns the conditions of a rule, as text.
    fn waits(&self, own: ArrowEnd, rule: &PossibleRule) -> Vec<String> {
        let arrows = self.arrows.iter().filter(|arrow| arrow.to == own);
        let mut waits: Vec<String> = arrows.filter_map(|arrow| self.wait(arrow)).collect();
        let names = rule.names.iter().take(MOST_NAMES).map(|name| quoted(name)).collect::<Vec<_>>().join(" or ");
        let more = rule.names.len().saturating_sub(MOST_NAMES);
        if !names.is_empty() {
            let more = if more > 0 { format!(", or {more} more names") } else { String::new() };
            waits.push(format!("when a node is named {names}{more}"));
        }
        waits.extend(rule.predicate.then(|| "when its predicate says so".to_owned()));
        waits
    }

    fn registrars(&self, rule: ArrowEnd) -> Option<String> {
        let by = |arrow: &&PossibleArrow| arrow.to == rule && arrow.kind == ArrowKind::Registers;
        let by: Vec<String> = self.arrows.iter().filter(by).map(|arrow| self.name_at(arrow.from)).collect();
        (!by.is_empty()).then(|| by.join(", "))
    }

    /// Returns the condition that an arrow to a rule stands for, as text.
    fn wait(&self, arrow: &PossibleArrow) -> Option<String> {
        let stage = self.name_at(arrow.from);
        Some(match arrow.kind {
            ArrowKind::Each => format!("for each {stage}"),
            ArrowKind::EachFailed => format!("for each {stage} that fails"),
            ArrowKind::BelowEach => format!("below each {stage}"),
            ArrowKind::Below(Below::Closed) => format!("when {stage} has closed there"),
            ArrowKind::Below(Below::Settled) => format!("when every {stage} there has ended"),
            ArrowKind::Below(Below::Done) => format!("when every {stage} there has succeeded"),
            ArrowKind::Closed => format!("when {stage} has closed"),
            ArrowKind::Count(1) => format!("when there is a {stage}"),
            ArrowKind::Count(wanted) => format!("when there are {wanted} of {stage}"),
            ArrowKind::CountDone(1) => format!("when a {stage} has succeeded"),
            ArrowKind::CountDone(wanted) => format!("when {wanted} of {stage} have succeeded"),
            ArrowKind::Done => format!("when a certain {stage} has succeeded"),
            ArrowKind::Settled => format!("when a certain {stage} has ended"),
            ArrowKind::Failed => format!("when a certain {stage} has failed"),
            _ => return None,
        })
    }

    /// Returns the declared additions of a rule or a stage, as text.
    fn added(&self, from: ArrowEnd) -> Vec<String> {
        let own = self.arrows.iter().filter(|arrow| arrow.from == from);
        let words = own.filter_map(|arrow| match arrow.kind {
            ArrowKind::Adds { keying, within } => {
                let keys = match keying {
                    Keying::None => String::new(),
                    Keying::Run => " by key".to_owned(),
                    Keying::Under(group) => format!(" by key under {}", quoted(self.name_of(group))),
                };
                let within = within.map_or(String::new(), |within| format!(" within {within}"));
                Some(format!("{}{keys}{within}", self.name_at(arrow.to)))
            }
            _ => None,
        });
        words.collect()
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", Name(name))
}
