//! The reference: what DESIGN.md section 4 says, by looking at everything each time.
//!
//! It keeps only what was told (what was added, started, ended, fired, closed) and works out all the rest. Nodes,
//! rules and firings are plain indexes here; they are the machine's ids.

use super::program::{Ask, Every, Fails, NAMES, RulePlan, STAGES, When, name};
use dagcore::dag::{Need, NodeState};
use std::collections::BTreeSet;
use std::rc::Rc;

#[derive(Default)]
pub(crate) struct Model {
    pub(crate) nodes: Vec<Node>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) firings: Vec<Firing>,
    /// The program's first nodes: where a plan's `Whom::Initial` points.
    pub(crate) initial: Vec<usize>,
    pub(crate) closed: [bool; STAGES],
    /// How many nodes and rules the program itself has added.
    pub(crate) by_program: (usize, usize),
}

pub(crate) struct Node {
    pub(crate) stage: usize,
    pub(crate) edges: Vec<(usize, Need)>,
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) open: bool,
    /// The nodes that an open node was given.
    pub(crate) fed: Option<Vec<usize>>,
    pub(crate) started: bool,
    pub(crate) end: Option<End>,
    pub(crate) fails: Fails,
    pub(crate) firing: usize,
    /// Its name across runs.
    pub(crate) path: String,
    /// Its place in a list that is ordered by lineage.
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

/// One step from the root of the lineage: siblings by rule and position first, then those with a key.
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
    pub(crate) within: Option<u32>,
    /// The stages that it declares; `None` when it may add anything.
    pub(crate) adds: Option<Vec<usize>>,
    pub(crate) feeds: Option<usize>,
    pub(crate) plan: Rc<RulePlan>,
    /// The firing that registered it, and its position there; the program's own have none.
    pub(crate) scope: Option<usize>,
    pub(crate) position: usize,
    pub(crate) path: String,
    pub(crate) said_yes: bool,
    /// Its predicate failed, which ends it.
    pub(crate) broken: bool,
    pub(crate) fired: BTreeSet<Option<usize>>,
    pub(crate) failed: BTreeSet<Option<usize>>,
}

/// What one event adds.
pub(crate) struct Batch {
    pub(crate) nodes: Vec<NewNode>,
    pub(crate) rules: Vec<Rule>,
}

pub(crate) struct NewNode {
    pub(crate) stage: usize,
    pub(crate) edges: Vec<(usize, Need)>,
    pub(crate) name: Option<String>,
    pub(crate) key: Option<String>,
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
            Some(end) => need == Need::End || end == End::Succeeded,
        };
        let waits_for_list = self.nodes[node].open && self.nodes[node].fed.is_none();
        !waits_for_list && self.parents(node).into_iter().all(satisfied)
    }

    /// The failed nodes because of any of which `node` may be said to be skipped. A list waits for the end of each
    /// of its elements, and then it is the first that did not succeed.
    pub(crate) fn skip_causes(&self, node: usize) -> Vec<usize> {
        let this = &self.nodes[node];
        let cause = |from: &usize| match self.nodes[*from].end {
            Some(End::Failed) => Some(*from),
            Some(End::Skipped(because)) => Some(because),
            _ => None,
        };
        let needed = this.edges.iter().filter(|(_, need)| *need == Need::Success).map(|(from, _)| from);
        let whole = self.parents(node).iter().all(|(from, _)| self.nodes[*from].end.is_some());
        let element = this.fed.iter().flatten().filter(|_| whole).find_map(cause);
        needed.filter_map(cause).chain(element).collect()
    }

    /// Whether `node` is the list of a `map` whose rule failed.
    pub(crate) fn orphaned(&self, node: usize) -> bool {
        self.rules.iter().any(|rule| rule.feeds == Some(node) && !rule.failed.is_empty())
    }

    pub(crate) fn unsettled(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].end.is_none())
    }

    pub(crate) fn of(&self, stage: usize) -> impl Iterator<Item = usize> {
        (0..self.nodes.len()).filter(move |node| self.nodes[*node].stage == stage)
    }

    pub(crate) fn succeeded(&self, stage: usize) -> usize {
        self.of(stage).filter(|node| self.nodes[*node].end == Some(End::Succeeded)).count()
    }

    pub(crate) fn lineage_parent(&self, node: usize) -> Option<usize> {
        let firing = &self.firings[self.nodes[node].firing];
        if self.nodes[node].key.is_some() { None } else { firing.parent }
    }

    /// Whether a condition holds; `Some(false)` when it never can.
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
        self.nodes.iter().any(|node| node.name == Some(name(level, number)))
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
            Ask::NameExists(level, number) => self.is_named(*level, *number),
            Ask::AllAtLeast(wanted) => self.nodes.len() >= *wanted,
        }
    }

    pub(crate) fn is_dead(&self, rule: usize) -> bool {
        self.rules[rule].when.iter().any(|when| self.truth(when) == Some(false))
    }

    /// Whether a rule can still fire, as far as it alone goes.
    pub(crate) fn is_armed(&self, rule: usize) -> bool {
        let this = &self.rules[rule];
        let spent = this.every == Every::Once && !(this.fired.is_empty() && this.failed.is_empty());
        !spent && !this.broken && !self.is_dead(rule)
    }

    /// What a rule has found and has not been applied to, whether or not its conditions hold.
    pub(crate) fn found(&self, rule: usize) -> Vec<Option<usize>> {
        let this = &self.rules[rule];
        let (stage, wanted) = match this.every {
            _ if !self.is_armed(rule) => return Vec::new(),
            Every::Once => return vec![None],
            Every::Succeeded(stage) => (stage, End::Succeeded),
            Every::Failed(stage) => (stage, End::Failed),
        };
        let ended = self.of(stage).filter(|node| self.nodes[*node].end == Some(wanted));
        let inside = ended.filter(|node| this.within.is_none_or(|most| self.times_above(rule, *node) < most as usize));
        let new = inside.map(Some).filter(|node| !this.fired.contains(node) && !this.failed.contains(node));
        new.collect()
    }

    fn times_above(&self, rule: usize, node: usize) -> usize {
        let line = std::iter::successors(Some(node), |node| self.lineage_parent(*node));
        line.filter(|node| self.firings[self.nodes[*node].firing].rule == Some(rule)).count()
    }

    /// The rules whose bodies are to be run, and what they are to be applied to.
    pub(crate) fn due(&self) -> BTreeSet<(usize, Option<usize>)> {
        let holds = |rule: &Rule| rule.when.iter().all(|when| self.truth(when) == Some(true));
        let ready = |rule: &usize| {
            let this = &self.rules[*rule];
            holds(this) && (this.ask.is_none() || this.said_yes)
        };
        let rules = (0..self.rules.len()).filter(ready);
        rules.flat_map(|rule| self.found(rule).into_iter().map(move |node| (rule, node))).collect()
    }

    /// The rules whose predicate would say yes, and has not yet.
    pub(crate) fn unheard(&self) -> Vec<usize> {
        let waits = |rule: &usize| self.is_armed(*rule) && !self.rules[*rule].said_yes;
        let says = |rule: &usize| self.rules[*rule].ask.as_ref().is_some_and(|ask| self.says(ask));
        (0..self.rules.len()).filter(waits).filter(says).collect()
    }

    /// A leads to S when a rule for each node of A adds S, directly or through others.
    pub(crate) fn leads(&self) -> [[bool; STAGES]; STAGES] {
        let mut leads = [[false; STAGES]; STAGES];
        for rule in &self.rules {
            let (Every::Succeeded(from) | Every::Failed(from)) = rule.every else { continue };
            for (to, led) in leads[from].iter_mut().enumerate() {
                *led |= rule.adds.as_ref().is_none_or(|adds| adds.contains(&to));
            }
        }
        for through in 0..STAGES {
            for from in 0..STAGES {
                for to in 0..STAGES {
                    leads[from][to] |= leads[from][through] && leads[through][to];
                }
            }
        }
        leads
    }

    /// Whether what a rule declares is `stage`, or leads to it.
    pub(crate) fn may_add(&self, rule: usize, stage: usize, leads: &[[bool; STAGES]; STAGES]) -> bool {
        let adds = self.rules[rule].adds.as_ref();
        adds.is_none_or(|adds| adds.iter().any(|added| *added == stage || leads[*added][stage]))
    }

    /// S is open while an unsettled node, or a binding that was found and not used, has a stage that leads to S,
    /// or a one-shot rule is armed that adds S or a stage that leads to S.
    pub(crate) fn is_open(&self, stage: usize) -> bool {
        let leads = self.leads();
        let busy = self.unsettled().any(|node| leads[self.nodes[node].stage][stage]);
        busy || (0..self.rules.len()).any(|rule| match self.rules[rule].every {
            Every::Once => self.is_armed(rule) && self.may_add(rule, stage, &leads),
            Every::Succeeded(from) | Every::Failed(from) => !self.found(rule).is_empty() && leads[from][stage],
        })
    }

    pub(crate) fn is_watched(&self, stage: usize) -> bool {
        self.rules.iter().any(|rule| rule.when.contains(&When::Closed(stage)))
    }

    /// The open stages that a rule waits for.
    pub(crate) fn waits_for(&self, rule: usize) -> Vec<usize> {
        let open = |stage: &usize| !self.closed[*stage] && self.rules[rule].when.contains(&When::Closed(*stage));
        (0..STAGES).filter(|stage| open(stage) && self.is_armed(rule)).collect()
    }

    /// The nodes of a stage: parents before what was added for them, siblings by rule and position, keyed last.
    pub(crate) fn in_lineage_order(&self, stage: usize) -> Vec<usize> {
        let mut nodes: Vec<usize> = self.of(stage).collect();
        nodes.sort_by(|a, b| self.nodes[*a].place.cmp(&self.nodes[*b].place));
        nodes
    }

    /// A name to show.
    pub(crate) fn shown(&self, node: usize) -> String {
        let Node { stage, name, key, .. } = &self.nodes[node];
        match (name, key) {
            (Some(name), _) => name.clone(),
            (None, Some(key)) => format!("{}[{key}]", NAMES[*stage]),
            (None, None) => format!("{}#{node}", NAMES[*stage]),
        }
    }

    /// The stage that has closed and of which the batch adds a node.
    pub(crate) fn late(&self, batch: &Batch) -> Option<usize> {
        batch.nodes.iter().map(|node| node.stage).find(|stage| self.closed[*stage])
    }

    /// Takes in what a firing adds, or the program when `fired` is nothing.
    pub(crate) fn add(&mut self, batch: Batch, fired: Option<(usize, Option<usize>)>) {
        let firing = self.firings.len();
        let (parent, path) = match fired {
            None => (None, "program".to_owned()),
            Some((rule, bound)) => {
                let to = bound.map_or("-".to_owned(), |node| self.nodes[node].path.clone());
                (self.parent_of_firing(rule, bound), format!("{}({to})", self.rules[rule].path))
            }
        };
        let (rule, bound) = (fired.map(|(rule, _)| rule), fired.and_then(|(_, bound)| bound));
        self.firings.push(Firing { rule, bound, parent, path: path.clone() });
        let first = self.nodes.len();
        for NewNode { stage, edges, name, key, open, fails, position } in batch.nodes {
            let position = if fired.is_none() { self.by_program.0 } else { position };
            self.by_program.0 += usize::from(fired.is_none());
            let step = match &key {
                Some(key) => Step::Keyed { stage: NAMES[stage], key: key.clone() },
                None => Step::Fired { rule: rule.map_or(Vec::new(), |rule| self.chain(rule)), position },
            };
            let above = parent.filter(|_| key.is_none()).map_or(Vec::new(), |node| self.nodes[node].place.clone());
            let path = match &key {
                Some(key) => format!("{}[{key}]", NAMES[stage]),
                None => format!("{path}#{position}"),
            };
            let place = above.into_iter().chain([step]).collect();
            let (started, end, fed) = (false, None, None);
            self.nodes.push(Node { stage, edges, name, key, open, fed, started, end, fails, firing, path, place });
        }
        for (index, mut rule) in batch.rules.into_iter().enumerate() {
            rule.scope = fired.map(|_| firing);
            rule.position = if fired.is_none() { self.by_program.1 } else { index };
            self.by_program.1 += usize::from(fired.is_none());
            rule.path = format!("{path}.{}", rule.position);
            self.rules.push(rule);
        }
        if let Some((rule, bound)) = fired {
            self.rules[rule].fired.insert(bound);
            if let Some(open) = self.rules[rule].feeds {
                self.nodes[open].fed = Some((first..self.nodes.len()).collect());
            }
        }
    }

    /// The node that a firing was bound to, if that is just one; else where its rule was registered.
    fn parent_of_firing(&self, rule: usize, bound: Option<usize>) -> Option<usize> {
        let named = self.rules[rule].when.iter().filter_map(|when| match when {
            When::Done(node) | When::Settled(node) | When::Failed(node) => Some(*node),
            _ => None,
        });
        let named: BTreeSet<usize> = named.collect();
        let about = if named.len() == 1 { named.first().copied() } else { None };
        bound.or(about).or_else(|| self.firings[self.rules[rule].scope?].parent)
    }

    /// Where a rule was registered, from the program down.
    fn chain(&self, rule: usize) -> Vec<(Vec<Step>, usize)> {
        let Rule { scope, position, .. } = &self.rules[rule];
        let Some(scope) = scope.map(|scope| &self.firings[scope]) else { return vec![(Vec::new(), *position)] };
        let bound = scope.bound.map_or(Vec::new(), |node| self.nodes[node].place.clone());
        let mut chain = scope.rule.map_or(Vec::new(), |outer| self.chain(outer));
        chain.push((bound, *position));
        chain
    }
}
