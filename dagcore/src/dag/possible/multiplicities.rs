//! Derives the number of nodes of each stage, the number of firings of each rule, and the rules that can never fire,
//! with the reason. The rules of this derivation are documented on `Multiplicity`.

use super::arrow::ArrowKind;
use super::known_program::{Known, KnownRule};
use super::multiplicity::Multiplicity;
use super::stages::Declared;
use crate::dag::base::escaping::Name;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// The derived multiplicities and warnings.
pub(super) struct Decided {
    pub(super) stages: Vec<Multiplicity>,
    pub(super) rules: Vec<Multiplicity>,
    pub(super) warnings: Vec<String>,
}

pub(super) fn decide(known: &Known<'_>) -> Decided {
    let reach = Reach::of(known);
    let circles = Circles::of(&reach);
    let stages: Vec<Multiplicity> = (0..known.stages.len()).map(|stage| of_stage(&reach, &circles, stage)).collect();
    let rules = known.rules.iter().enumerate().map(|(place, rule)| match rule.each().map(|each| stages[each]) {
        _ if !reach.fires[place] => Multiplicity::Never,
        _ if circles.rules[place] => Multiplicity::Recursive,
        _ if rule.nested => Multiplicity::AnyNumber,
        None => chances(rule, 1),
        Some(Multiplicity::Exactly(nodes)) => chances(rule, nodes),
        Some(_) => Multiplicity::AnyNumber,
    });
    Decided { rules: rules.collect(), stages, warnings: warnings(&reach) }
}

fn of_stage(reach: &Reach<'_>, circles: &Circles, stage: usize) -> Multiplicity {
    match reach.known.stages[stage].program {
        _ if circles.stages[stage] => Multiplicity::Recursive,
        _ if reach.may_be_added(stage) => Multiplicity::AnyNumber,
        0 => Multiplicity::Never,
        nodes => Multiplicity::Exactly(nodes),
    }
}

fn chances(rule: &KnownRule<'_>, each: usize) -> Multiplicity {
    let all = rule.members.saturating_mul(each);
    if rule.certain { Multiplicity::Exactly(all) } else { Multiplicity::AtMost(all) }
}

/// The stages and rules that are reachable from what the program adds.
struct Reach<'a> {
    known: &'a Known<'a>,
    /// The rules that can fire.
    fires: Vec<bool>,
    /// The stages that such a rule, or a stage that can have nodes, declares; and those that the program may append to.
    added: Vec<bool>,
    /// `true` if such a rule, or such a stage, declares nothing.
    anything: bool,
}

/// A condition of a rule that can never hold.
enum Missing<'a> {
    Stage(usize, ArrowKind),
    /// More nodes of the stage than the program adds, which is at least one.
    Few(usize, usize),
    Name(&'a str),
}

impl<'a> Reach<'a> {
    fn of(known: &'a Known<'a>) -> Self {
        let fires = vec![false; known.rules.len()];
        let added = known.stages.iter().map(|stage| stage.appendable).collect();
        let mut reach = Self { known, fires, added, anything: false };
        let mut met = vec![false; known.stages.len()];
        // Fixpoint: a rule that can fire may let further stages have nodes, and these may let further rules fire.
        let mut grows = true;
        while std::mem::take(&mut grows) {
            for (place, rule) in known.rules.iter().enumerate() {
                if !reach.fires[place] && reach.missing(rule).is_none() {
                    reach.fires[place] = true;
                    reach.add(&rule.adds);
                    grows = true;
                }
            }
            for (place, stage) in known.stages.iter().enumerate() {
                if !met[place] && reach.may_exist(place) {
                    met[place] = true;
                    reach.add(&stage.adds);
                    grows = true;
                }
            }
        }
        reach
    }

    fn add(&mut self, adds: &Declared) {
        self.anything |= adds.anything;
        adds.list.iter().for_each(|(stage, _)| self.added[*stage] = true);
    }

    fn may_be_added(&self, stage: usize) -> bool {
        self.anything || self.added[stage]
    }

    fn may_exist(&self, stage: usize) -> bool {
        self.known.stages[stage].program > 0 || self.may_be_added(stage)
    }

    fn missing(&self, rule: &KnownRule<'a>) -> Option<Missing<'a>> {
        let missing = |(stage, kind): &(usize, ArrowKind)| {
            let lacks = |wanted: usize| {
                let nodes = self.known.stages[*stage].program;
                (nodes < wanted && !self.may_be_added(*stage)).then_some(nodes)
            };
            match kind {
                ArrowKind::Each | ArrowKind::EachFailed | ArrowKind::BelowEach => {
                    lacks(1).map(|_| Missing::Stage(*stage, *kind))
                }
                ArrowKind::Count(wanted) | ArrowKind::CountDone(wanted) => Some(match lacks(*wanted)? {
                    0 => Missing::Stage(*stage, *kind),
                    _ => Missing::Few(*stage, *wanted),
                }),
                _ => None,
            }
        };
        let nameless = || {
            let named = rule.looks.iter().any(|(_, kind)| *kind == ArrowKind::Named);
            let grows = self.anything || self.added.contains(&true);
            rule.names.first().filter(|_| !named && !grows).map(|name| Missing::Name(name))
        };
        rule.looks.iter().find_map(missing).or_else(nameless)
    }
}

/// The stages and rules that lead to themselves.
struct Circles {
    stages: Vec<bool>,
    rules: Vec<bool>,
}

impl Circles {
    /// Finds the cycles of this relation: a stage leads to the rules that fire for each of its nodes and to the
    /// additions of its nodes; a rule leads to its declared additions and to the rules that its bodies have registered.
    fn of(reach: &Reach<'_>) -> Self {
        let known = reach.known;
        let mut graph: DiGraph<(), ()> = DiGraph::new();
        let stages: Vec<NodeIndex> = known.stages.iter().map(|_| graph.add_node(())).collect();
        let rules: Vec<NodeIndex> = known.rules.iter().map(|_| graph.add_node(())).collect();
        let anything = graph.add_node(());
        let mut declare = |from: NodeIndex, adds: &Declared| {
            let declared = adds.list.iter().map(|(stage, _)| stages[*stage]);
            for to in declared.chain(adds.anything.then_some(anything)) {
                graph.update_edge(from, to, ());
            }
        };
        for (place, rule) in known.rules.iter().enumerate().filter(|(place, _)| reach.fires[*place]) {
            declare(rules[place], &rule.adds);
        }
        for (place, stage) in known.stages.iter().enumerate().filter(|(place, _)| reach.may_exist(*place)) {
            declare(stages[place], &stage.adds);
        }
        for (place, rule) in known.rules.iter().enumerate().filter(|(place, _)| reach.fires[*place]) {
            if let Some(each) = rule.each() {
                graph.update_edge(stages[each], rules[place], ());
            }
            for inner in rule.registers.keys() {
                graph.update_edge(rules[place], rules[*inner], ());
            }
        }
        for stage in &stages {
            graph.update_edge(anything, *stage, ());
        }
        let mut circular = vec![false; graph.node_count()];
        for component in kosaraju_scc(&graph) {
            let circle = component.len() > 1 || component.iter().any(|point| graph.contains_edge(*point, *point));
            component.iter().for_each(|point| circular[point.index()] = circle);
        }
        let is_circular = |points: &[NodeIndex]| points.iter().map(|point| circular[point.index()]).collect();
        Self { stages: is_circular(&stages), rules: is_circular(&rules) }
    }
}

fn warnings(reach: &Reach<'_>) -> Vec<String> {
    let warning = |rule| Some(sentence(reach, rule, &reach.missing(rule)?));
    reach.known.rules.iter().filter_map(warning).collect()
}

fn sentence(reach: &Reach<'_>, rule: &KnownRule<'_>, missing: &Missing<'_>) -> String {
    let known = reach.known;
    let name = |stage: usize| Name(known.stages[stage].info.name);
    let who = format!("rule `{}`", Name(&rule.spec.name));
    let (stage, waits) = match *missing {
        Missing::Name(wanted) => {
            let wanted = Name(wanted);
            return format!(
                "{who} waits for a node named `{wanted}`, which no node is, and nothing can add another, so it can never \
                 fire: name one with `.named(..)`, or let a rule that can fire add it"
            );
        }
        Missing::Few(stage, wanted) => {
            let (stage, nodes) = (name(stage), known.stages[stage].program);
            return format!(
                "{who} waits for {wanted} nodes of `{stage}`, the program adds {nodes}, and nothing can add another, so \
                 it can never fire: add more calls of it, or let a rule declare it in `adds [..]`"
            );
        }
        Missing::Stage(stage, ArrowKind::Each) => (stage, format!("fires for each `{}`", name(stage))),
        Missing::Stage(stage, ArrowKind::EachFailed) => (stage, format!("fires for each `{}` that fails", name(stage))),
        Missing::Stage(stage, ArrowKind::BelowEach) => (stage, format!("fires below each `{}`", name(stage))),
        Missing::Stage(stage, _) => (stage, format!("waits for nodes of `{}`", name(stage))),
    };
    let declares = |adds: &Declared| adds.list.iter().any(|(added, _)| *added == stage);
    let rules = known.rules.iter().filter(|other| declares(&other.adds));
    let mut adders: Vec<String> = rules.map(|other| format!("rule `{}`", Name(&other.spec.name))).collect();
    let stages = known.stages.iter().filter(|other| declares(&other.adds));
    adders.extend(stages.map(|other| format!("stage `{}`", Name(other.info.name))));
    let (why, mend) = match adders.as_slice() {
        [] => ("nothing can ever add one".to_owned(), "let a rule declare it in `adds [..]`"),
        [only] if *only == who => {
            ("nothing else adds the first".to_owned(), "let another rule declare it in `adds [..]`")
        }
        several => (format!("what adds one can never come itself ({})", several.join(", ")), "let that come"),
    };
    format!("{who} {waits}, and {why}, so it can never fire: add a call of it, or {mend}")
}
