//! The possible graph: what a program can become, from its declarations alone, and what has become of it so far.
//!
//! It is made in three steps, a file each: what is known is collected, in the same form before a run and in it
//! (`facts`, `stages`, `known`); what can come of it is decided (`decide`); who leads to whom is written down (`arrows`). `words`
//! says all of it as a text. It is asked for by programs, before, during and after a run; no event waits for it.

mod arrow;
mod arrows;
mod facts;
mod known_program;
mod multiplicities;
mod multiplicity;
mod parts;
mod stages;
mod text;

use super::graph::Graph;
use super::machine::Machine;
use super::rules::rule_spec::RuleSpec;
pub use arrow::{ArrowEnd, ArrowKind, PossibleArrow};
use facts::Facts;
use known_program::Known;
pub use multiplicity::Multiplicity;
pub use parts::{PossibleRule, PossibleStage, StageCount};

/// What a program can become: its stages, its rules and who leads to whom, known from what they declare, before
/// anything runs. In a run and after it also what has become of it so far.
///
/// ```
/// use dagcore::dag::Multiplicity;
/// # use dagcore::prelude::*;
/// #[stage]
/// fn page(name: String) -> Vec<String> {
///     if name == "home" { vec!["news".into(), "about".into()] } else { vec![] }
/// }
///
/// #[stage]
/// fn report(pages: Gathered<Vec<String>>) -> usize {
///     pages.len()
/// }
///
/// rule! {
///     follow: when each(page), adds [page by key],
///     then |grow, _node, links| for link in links {
///         grow.add(page::new(link.clone()).key(link));
///     }
/// }
///
/// rule! {
///     summarise: when closed(page), adds [report],
///     then |grow, pages| { grow.add(report::new(pages)); }
/// }
///
/// let mut flow = Workflow::new("crawl").rules(rules![follow, summarise]);
/// flow.add(page::new("home").key("home"));
///
/// let possible = flow.possible();
/// assert_eq!(possible.stage("page").unwrap().multiplicity(), Multiplicity::Recursive);
/// assert_eq!(possible.stage("report").unwrap().multiplicity(), Multiplicity::AnyNumber);
/// assert_eq!(possible.rule("summarise").unwrap().multiplicity(), Multiplicity::Exactly(1));
///
/// let possible = flow.run_blocking()?.possible();
/// assert_eq!(possible.stage("page").unwrap().actual().unwrap().nodes, 3);
/// assert_eq!(possible.rule("follow").unwrap().fired(), Some(3));
/// # Ok::<(), dagcore::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Possible {
    title: Option<String>,
    stages: Vec<PossibleStage>,
    rules: Vec<PossibleRule>,
    arrows: Vec<PossibleArrow>,
    warnings: Vec<String>,
    begun: bool,
}

impl Possible {
    /// What a run can become, and, when it has begun, what has become of it so far. It looks at every node once.
    pub fn of(machine: &Machine) -> Self {
        Self::from_facts(&Facts::of(machine))
    }

    /// What a program can become that adds this. It need not be a program that can run.
    pub(crate) fn of_program(graph: &Graph, rules: &[RuleSpec]) -> Self {
        Self::from_facts(&Facts::of_program(graph, rules))
    }

    fn from_facts(facts: &Facts<'_>) -> Self {
        let known = Known::new(facts);
        let decided = multiplicities::decide(&known);
        let stages = known.stages.iter().zip(decided.stages).map(|(stage, multiplicity)| PossibleStage {
            id: stage.id,
            name: stage.info.name.to_owned(),
            multiplicity,
            program: stage.program,
            actual: facts.begun.then_some(stage.actual),
        });
        let rules = known.rules.iter().zip(decided.rules).map(|(rule, multiplicity)| PossibleRule {
            name: rule.spec.name.to_string(),
            multiplicity,
            registered: rule.members,
            nested: rule.nested,
            declares: !rule.adds.anything,
            predicate: rule.spec.predicate,
            names: rule.names.iter().map(|name| (*name).to_owned()).collect(),
            fired: facts.begun.then_some(rule.fired),
        });
        Self {
            title: None,
            stages: stages.collect(),
            rules: rules.collect(),
            arrows: arrows::arrows(&known),
            warnings: decided.warnings,
            begun: facts.begun,
        }
    }

    /// Gives it a title, for pictures and texts: the name of the workflow, say.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Its title, if it was given one.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The stages, in the order in which the program and its rules mention them.
    pub fn stages(&self) -> &[PossibleStage] {
        &self.stages
    }

    /// The stage of this name.
    pub fn stage(&self, name: &str) -> Option<&PossibleStage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// The rules, in the order of their registration; then those that bodies have registered, by name.
    pub fn rules(&self) -> &[PossibleRule] {
        &self.rules
    }

    /// The first rule of this name.
    pub fn rule(&self, name: &str) -> Option<&PossibleRule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// Who leads to whom.
    pub fn arrows(&self) -> &[PossibleArrow] {
        &self.arrows
    }

    /// The rules that can never fire, a sentence for each, with the reason and what to do.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn page() -> u32 {
    ///     1
    /// }
    ///
    /// rule! { look: when each(page), adds [], then |_grow, _node, _n| {} }
    ///
    /// let flow = Workflow::new("nothing to look at").rules(rules![look]);
    /// assert_eq!(
    ///     flow.possible().warnings(),
    ///     ["rule `look` fires for each `page`, and nothing can ever add one, so it can never fire: add a call of it, or \
    ///       let a rule declare it in `adds [..]`"]
    /// );
    /// ```
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether a run has begun, so that there is something to be told of what really happened.
    pub fn has_begun(&self) -> bool {
        self.begun
    }
}
