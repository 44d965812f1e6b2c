//! The possible graph: what a program can become, from its declarations alone, and what it has become so far.
//!
//! It is built in three steps: `facts`, `stages` and `known_program` collect what is known, in the same form before and
//! during a run; `multiplicities` derives what can follow; `arrows` lists the relations. `text` prints the result.
//! Programs query it before, during and after a run; no event depends on it.

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

/// What a program can become: its stages, its rules and the relations between them, known from their declarations
/// before anything runs. During and after a run it also holds what the program has become so far.
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
    /// Returns what a run can become and, if it has begun, what it has become so far. Visits every node once.
    pub fn of(machine: &Machine) -> Self {
        Self::from_facts(&Facts::of(machine))
    }

    /// Returns what a program with these nodes and rules can become. The program need not be able to run.
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

    /// Sets a title for pictures and texts, for example the name of the workflow.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Returns the title, if one is set.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Returns the stages, in the order in which the program and its rules mention them.
    pub fn stages(&self) -> &[PossibleStage] {
        &self.stages
    }

    /// Returns the stage of this name.
    pub fn stage(&self, name: &str) -> Option<&PossibleStage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// Returns the rules, in the order of their registration, followed by those that bodies have registered, by name.
    pub fn rules(&self) -> &[PossibleRule] {
        &self.rules
    }

    /// Returns the first rule of this name.
    pub fn rule(&self, name: &str) -> Option<&PossibleRule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// Returns the arrows between stages and rules.
    pub fn arrows(&self) -> &[PossibleArrow] {
        &self.arrows
    }

    /// Returns a sentence for each rule that can never fire, with the reason and the remedy.
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

    /// Returns `true` if the run has begun, so that actual numbers are available.
    pub fn has_begun(&self) -> bool {
        self.begun
    }
}
