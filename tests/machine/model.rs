//! The reference: implements DESIGN.md section 4 by recomputing everything each time.
//!
//! It stores only the events (additions, starts, ends, firings, closings) and derives everything else: this file
//! derives the states of nodes and rules, `sources` the sources that keep stages open, `lineage` the place of each
//! addition. Nodes, rules and firings are plain indexes here, equal to the machine's ids.

use super::program::{Ask, Every, Fails, InsidePlan, Keyed, NAMES, RulePlan, STAGES, When, name};
use dagcore::dag::{Below, Need, NodeState};
use std::collections::BTreeSet;
use std::rc::Rc;

#[derive(Default)]
pub(crate) struct Model {
    pub(crate) nodes: Vec<Node>,
    /// The nodes of each stage.
    pub(crate) by_stage: [Vec<usize>; STAGES],
    pub(crate) rules: Vec<Rule>,
    pub(crate) firings: Vec<Firing>,
    /// The program's initial nodes, which `Whom::Initial` refers to.
    pub(crate) initial: Vec<usize>,
    pub(crate) closed: [bool; STAGES],
    /// The stages that have closed below a node.
    pub(crate) closed_below: BTreeSet<(usize, usize)>,
    /// The additions of each stage's running nodes.
    pub(crate) inside: [Option<Rc<InsidePlan>>; STAGES],
    /// The numbers of nodes and rules added by the program itself.
    pub(crate) by_program: (usize, usize),
}

pub(crate) struct Node {
    pub(crate) stage: usize,
    pub(crate) edges: Vec<(usize, Need)>,
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    /// The node below which the key is unique.
    pub(crate) under: Option<usize>,
    pub(crate) open: bool,
    /// The nodes that feed an open node.
    pub(crate) fed: Option<Vec<usize>>,
    pub(crate) started: bool,
    pub(crate) end: Option<End>,
    pub(crate) fails: Fails,
    pub(crate) firing: usize,
    /// The number of steps taken while it ran.
    pub(crate) grown: usize,
    /// The node itself, its lineage parent, and so on.
    pub(crate) line: Vec<usize>,
    /// Its identity across runs.
    pub(crate) path: String,
    /// Its place in a list in lineage order.
    pub(crate) place: Vec<Step>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum End {
    Succeeded,
    Failed,
    Skipped(usize),
}

pub(crate) struct Firing {
    pub(crate) rule: Option<usize>,
    pub(crate) bound: Option<usize>,
    /// The lineage parent of the nodes that it added.
    pub(crate) parent: Option<usize>,
    pub(crate) path: String,
}

/// The source of an addition.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum By {
    Program,
    Rule(usize, Option<usize>),
    /// A running node.
    Node(usize),
}

/// One step from the root of the lineage: siblings by rule and position first, then keyed ones.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Step {
    Fired { rule: Vec<(Vec<Step>, usize)>, position: usize },
    Keyed { stage: &'static str, key: String },
}

pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) every: Every,
    pub(crate) when: Vec<When<usize>>,
    pub(crate) ask: Option<Ask<usize>>,
    pub(crate) below: Vec<(usize, Below)>,
    pub(crate) within: Option<u32>,
    /// The declared stages, and their keys; `None` if it may add anything.
    pub(crate) adds: Option<Vec<(usize, Keyed)>>,
    pub(crate) feeds: Option<usize>,
    pub(crate) plan: Rc<RulePlan>,
    /// The firing that registered it, and its position there; `None` for the program's own rules.
    pub(crate) scope: Option<usize>,
    pub(crate) position: usize,
    pub(crate) path: String,
    pub(crate) said_yes: bool,
    /// Its predicate failed, which ends it.
    pub(crate) broken: bool,
    pub(crate) fired: BTreeSet<Option<usize>>,
    pub(crate) failed: BTreeSet<Option<usize>>,
}

/// The additions of one event.
pub(crate) struct Batch {
    pub(crate) nodes: Vec<NewNode>,
    pub(crate) rules: Vec<Rule>,
}

pub(crate) struct NewNode {
    pub(crate) stage: usize,
    pub(crate) edges: Vec<(usize, Need)>,
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) under: Option<usize>,
    pub(crate) open: bool,
    pub(crate) fails: Fails,
    pub(crate) position: usize,
}

impl Model {
    pub(crate) fn state(&self, node: usize) -> NodeState {
        let this = &self.nodes[node];
        match this.end {
            Some(End::Succeeded) => NodeState::Succeeded,
            Some(End::Failed) => NodeState::Failed,
            Some(End::Skipped(_)) => NodeState::Skipped,
            None if this.started => NodeState::Running,
            None if self.may_start(node) => NodeState::Ready,
            None => NodeState::Waiting,
        }
    }

    pub(crate) fn parents(&self, node: usize) -> Vec<(usize, Need)> {
        let fed = self.nodes[node].fed.iter().flatten().map(|from| (*from, Need::Success));
        self.nodes[node].edges.iter().copied().chain(fed).collect()
    }

    fn may_start(&self, node: usize) -> bool {
        let satisfied = |(from, need): (usize, Need)| match self.nodes[from].end {
            None => false,
            Some(end) => !need.is_success() || end == End::Succeeded,
        };
        let waits_for_list = self.nodes[node].open && self.nodes[node].fed.is_none();
        !waits_for_list && self.parents(node).into_iter().all(satisfied)
    }

    /// The failed nodes, any of which may be reported as the cause why `node` was skipped. A list waits for the end of
    /// each of its elements, and its cause is the first that did not succeed.
    pub(crate) fn skip_causes(&self, node: usize) -> Vec<usize> {
        let this = &self.nodes[node];
        let cause = |from: &usize| match self.nodes[*from].end {
            Some(End::Failed) => Some(*from),
            Some(End::Skipped(because)) => Some(because),
            _ => None,
        };
        let needed = this.edges.iter().filter(|(_, need)| need.is_success()).map(|(from, _)| from);
        let whole = self.parents(node).iter().all(|(from, _)| self.nodes[*from].end.is_some());
        let element = this.fed.iter().flatten().filter(|_| whole).find_map(cause);
        needed.filter_map(cause).chain(element).collect()
    }

    /// Returns `true` if `node` is the list of a `map` whose rule failed.
    pub(crate) fn orphaned(&self, node: usize) -> bool {
        self.rules.iter().any(|rule| rule.feeds == Some(node) && !rule.failed.is_empty())
    }

    pub(crate) fn unsettled(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].end.is_none())
    }

    pub(crate) fn of(&self, stage: usize) -> impl Iterator<Item = usize> {
        self.by_stage[stage].iter().copied()
    }

    pub(crate) fn succeeded(&self, stage: usize) -> usize {
        self.of(stage).filter(|node| self.nodes[*node].end == Some(End::Succeeded)).count()
    }

    /// Returns whether a condition holds; `Some(false)` if it can never hold.
    pub(crate) fn truth(&self, when: &When<usize>) -> Option<bool> {
        let end = |node: &usize| self.nodes[*node].end;
        let yes = |holds: bool| holds.then_some(true);
        match when {
            When::Done(node) => end(node).map(|end| end == End::Succeeded),
            When::Failed(node) => end(node).map(|end| end == End::Failed),
            When::Settled(node) => end(node).map(|_| true),
            When::Count(stage, wanted) => yes(self.of(*stage).count() >= *wanted),
            When::CountDone(stage, wanted) => yes(self.succeeded(*stage) >= *wanted),
            When::Named(level, number) => yes(self.is_named(*level, *number)),
            When::Closed(stage) => yes(self.closed[*stage]),
        }
    }

    fn is_named(&self, level: usize, number: usize) -> bool {
        let wanted = name(level, number);
        self.nodes.iter().any(|node| node.name.as_ref() == Some(&wanted))
    }

    pub(crate) fn says(&self, ask: &Ask<usize>) -> bool {
        match ask {
            Ask::OddOrAtLeast(stage, wanted) => {
                let count = self.of(*stage).count();
                count % 2 == 1 || count >= *wanted
            }
            Ask::SucceededAtLeast(stage, wanted) => self.succeeded(*stage) >= *wanted,
            Ask::NodeFailed(node) => self.nodes[*node].end == Some(End::Failed),
            Ask::NodeRuns(node) => self.state(*node) == NodeState::Running,
            Ask::Children(node, wanted) => self.children(*node) >= *wanted,
            Ask::NameExists(level, number) => self.is_named(*level, *number),
            Ask::AllAtLeast(wanted) => self.nodes.len() >= *wanted,
        }
    }

    fn children(&self, node: usize) -> usize {
        let needs = |child: usize| self.parents(child).iter().filter(|(from, _)| *from == node).count();
        (0..self.nodes.len()).map(needs).sum()
    }

    pub(crate) fn is_dead(&self, rule: usize) -> bool {
        self.rules[rule].when.iter().any(|when| self.truth(when) == Some(false))
    }

    /// Returns `true` if a rule can still fire, considering only that rule.
    pub(crate) fn is_armed(&self, rule: usize) -> bool {
        !self.is_spent(rule) && !self.is_dead(rule)
    }

    /// Returns `true` if it can no longer fire, because it fires once or because its predicate failed.
    pub(crate) fn is_spent(&self, rule: usize) -> bool {
        let this = &self.rules[rule];
        this.broken || (this.every == Every::Once && !(this.fired.is_empty() && this.failed.is_empty()))
    }

    /// The bindings that a rule has found and has not been applied to, whether or not its conditions hold. An `under`
    /// rule finds every node of its stage, except those below which its condition can never hold.
    pub(crate) fn found(&self, rule: usize) -> Vec<Option<usize>> {
        let this = &self.rules[rule];
        let nodes: Vec<usize> = match this.every {
            _ if !self.is_armed(rule) => return Vec::new(),
            Every::Once => return vec![None],
            Every::Succeeded(stage) => self.ended(stage, End::Succeeded).collect(),
            Every::Failed(stage) => self.ended(stage, End::Failed).collect(),
            Every::Under(stage) => self.of(stage).filter(|node| !self.is_lost(rule, *node)).collect(),
        };
        let inside = |node: &usize| self.is_within(rule, *node);
        let new = nodes.into_iter().filter(inside).map(Some);
        new.filter(|node| !this.fired.contains(node) && !this.failed.contains(node)).collect()
    }

    fn ended(&self, stage: usize, end: End) -> impl Iterator<Item = usize> {
        self.of(stage).filter(move |node| self.nodes[*node].end == Some(end))
    }

    /// Returns `true` if the condition of a rule below a node can never hold: all nodes of a stage had to succeed, and
    /// one did not.
    pub(crate) fn is_lost(&self, rule: usize, above: usize) -> bool {
        let bad = |node: usize| self.nodes[node].end.is_some_and(|end| end != End::Succeeded);
        let mut done = self.rules[rule].below.iter().filter(|(_, below)| *below == Below::Done);
        done.any(|(stage, _)| self.below(above, *stage).any(bad))
    }

    /// Returns `true` if all conditions of a rule below a node hold.
    pub(crate) fn holds_below(&self, rule: usize, above: usize) -> bool {
        self.rules[rule].below.iter().all(|(stage, below)| {
            let mut nodes = self.below(above, *stage);
            let closed = self.closed_below.contains(&(*stage, above));
            closed
                && match below {
                    Below::Closed => true,
                    Below::Settled => nodes.all(|node| self.nodes[node].end.is_some()),
                    Below::Done => nodes.all(|node| self.nodes[node].end == Some(End::Succeeded)),
                }
        })
    }

    /// Returns `true` if a rule has not reached its firing limit along the line to a node.
    pub(crate) fn is_within(&self, rule: usize, node: usize) -> bool {
        self.rules[rule].within.is_none_or(|most| self.times_above(rule, node) < most as usize)
    }

    fn times_above(&self, rule: usize, node: usize) -> usize {
        let line = self.nodes[node].line.iter();
        line.filter(|node| self.firings[self.nodes[**node].firing].rule == Some(rule)).count()
    }

    /// The rules whose bodies are due, and their bindings.
    pub(crate) fn due(&self) -> BTreeSet<(usize, Option<usize>)> {
        let holds = |rule: &Rule| rule.when.iter().all(|when| self.truth(when) == Some(true));
        let ready = |rule: &usize| {
            let this = &self.rules[*rule];
            holds(this) && (this.ask.is_none() || this.said_yes)
        };
        let complete = |rule: usize, node: &Option<usize>| node.is_none_or(|node| self.holds_below(rule, node));
        let rules = (0..self.rules.len()).filter(ready);
        let due = rules.flat_map(|rule| self.found(rule).into_iter().map(move |node| (rule, node)));
        due.filter(|(rule, node)| complete(*rule, node)).collect()
    }

    /// The rules whose predicate would return `true`, and has not yet.
    pub(crate) fn unheard(&self) -> Vec<usize> {
        let waits = |rule: &usize| self.is_armed(*rule) && !self.rules[*rule].said_yes;
        let says = |rule: &usize| self.rules[*rule].ask.as_ref().is_some_and(|ask| self.says(ask));
        (0..self.rules.len()).filter(waits).filter(says).collect()
    }

    /// The display name of a node.
    pub(crate) fn shown(&self, node: usize) -> String {
        let Node { stage, name, key, .. } = &self.nodes[node];
        match (name, key) {
            (Some(name), _) => name.clone(),
            (None, Some(key)) => format!("{}[{key}]", NAMES[*stage]),
            (None, None) => format!("{}#{node}", NAMES[*stage]),
        }
    }
}
