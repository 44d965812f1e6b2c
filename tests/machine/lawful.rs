//! Makes a random program lawful: stratified and bounded, whatever numbers it contains.
//!
//! A rule adds only stages of its own stratum or higher ones. A rule that waits for a stage to close, in the whole run
//! or below a node, adds only higher ones, which are also higher than the stratum of that node. A rule that may enable
//! itself again has a `within`, or adds by key. A key that is unique below a node belongs to a later stage than that
//! node; and a stage that is added by a running node is later than the stage of that node, or has a key. The nodes
//! below which a key is unique are declared, so a rule without declarations has no such keys. A rule that a body
//! registers, and that may add outside of the lineage of its registration, adds no stage that some rule waits for below
//! a node: a rule that is not registered yet keeps stages open only where its own additions would be placed. So a
//! program stays lawful while proptest removes parts.
//! proptest takes parts away.

use super::program::{Ask, Every, InsidePlan, LEAF, NodePlan, Program, RulePlan, STAGES, When, Whom, stratum};
use dagcore::dag::Need;

/// The context in which a rule is registered.
#[derive(Clone)]
struct Scope {
    level: usize,
    /// The lowest stage that may be added inside an `each` rule.
    floor: usize,
    inside_each: bool,
    leaf_only: bool,
    /// The number of the initial nodes; `None` while they are being added.
    initial: Option<usize>,
    bound: bool,
    /// The nodes of the body, and whether a rule may wait for each of them.
    siblings: Vec<bool>,
    depth: usize,
    /// The lowest stratum above all stages that rules wait for below a node.
    above_waits: usize,
}

impl Program {
    pub(crate) fn lawful(mut self) -> Self {
        let above_waits = if self.reaching { 0 } else { above_waits(&self.rules) };
        let mut scope = Scope {
            level: 0,
            floor: 0,
            inside_each: false,
            leaf_only: false,
            initial: None,
            bound: false,
            siblings: Vec::new(),
            depth: 0,
            above_waits,
        };
        lawful_body(&mut self.nodes, &mut self.rules, &mut scope);
        scope.initial = Some(scope.siblings.len());
        self.rules = self.rules.into_iter().map(|rule| lawful_rule(rule, &scope)).collect();
        let mut known = [false; STAGES];
        self.inside.iter_mut().for_each(|inside| lawful_inside(inside, &scope));
        self.inside.retain(|inside| !std::mem::replace(&mut known[inside.stage], true));
        self
    }
}

impl Scope {
    fn stages(&self) -> Vec<usize> {
        let all = (0..STAGES).filter(|stage| stratum(*stage) >= self.level && *stage >= self.floor);
        all.filter(|stage| !self.leaf_only || *stage == LEAF).collect()
    }

    /// Returns an existing node that is as close as possible to the generated one.
    fn whom(&self, whom: Whom, waits: bool) -> Option<Whom> {
        let siblings = self.siblings.len();
        let sibling = |n: usize| (siblings > 0).then(|| n % siblings.max(1)).filter(|n| !waits || self.siblings[*n]);
        match (whom, self.initial) {
            (Whom::Initial(n) | Whom::Sibling(n), None) => sibling(n).map(Whom::Sibling),
            (Whom::Initial(n), Some(count)) => (count > 0).then(|| Whom::Initial(n % count.max(1))),
            (Whom::Sibling(n), Some(_)) => sibling(n).map(Whom::Sibling),
            (Whom::Bound, _) => self.bound.then_some(Whom::Bound),
        }
    }
}

fn above_waits(rules: &[RulePlan]) -> usize {
    let own = |rule: &RulePlan| match rule.every {
        Every::Under(_) => rule.below.iter().map(|(stage, _)| stratum(stage % LEAF) + 1).max().unwrap_or(0),
        _ => 0,
    };
    rules.iter().map(|rule| own(rule).max(above_waits(&rule.inner))).max().unwrap_or(0)
}

/// Makes the nodes of a body lawful, and appends the rules of its maps to its own.
fn lawful_body(nodes: &mut Vec<NodePlan>, rules: &mut Vec<RulePlan>, scope: &mut Scope) {
    let stages = scope.stages();
    if stages.is_empty() {
        nodes.clear();
    }
    for (index, node) in nodes.iter_mut().enumerate() {
        node.stage = stages[node.stage % stages.len()];
        let map = node.map.take().and_then(|map| Some((scope.whom(map.0, true)?, map.1, map.2)));
        lawful_node(node, scope);
        if let Some((list, elements, fails)) = map {
            node.edges = vec![(list, Need::Success)];
            (node.open, node.key, node.under) = (true, None, None);
            rules.push(RulePlan::of_map(list, index, elements, fails));
        }
        scope.siblings.push(node.key.is_none());
    }
}

fn lawful_node(node: &mut NodePlan, scope: &Scope) {
    let edges = std::mem::take(&mut node.edges).into_iter();
    node.edges = edges.filter_map(|(whom, need)| Some((scope.whom(whom, false)?, need))).collect();
    node.under = node.under.map(|under| under % LEAF).filter(|under| node.key.is_some() && *under < node.stage);
    if node.key.is_some() {
        // The key determines everything about its node.
        (node.edges, node.name, node.fails) = (Vec::new(), None, super::program::Fails::Never);
    }
}

/// An addition without a key needs the node that adds it.
fn lawful_inside(inside: &mut InsidePlan, scope: &Scope) {
    inside.stage %= LEAF;
    let own = inside.stage;
    let lawful = |stage: usize| own + 1 + stage % (LEAF - own);
    inside.extra = inside.extra.map(lawful);
    for step in &mut inside.steps {
        let mut scope = Scope { bound: true, siblings: Vec::new(), ..scope.clone() };
        for node in step {
            node.map = None;
            let keyed = (own / 2 * 2..STAGES).collect::<Vec<_>>();
            node.stage = if node.key.is_some() { keyed[node.stage % keyed.len()] } else { lawful(node.stage) };
            lawful_node(node, &scope);
            node.under = node.under.filter(|_| !inside.anything);
            if node.key.is_none() {
                node.edges.retain(|(whom, _)| *whom != Whom::Bound);
                node.edges.push((Whom::Bound, Need::Success));
            }
            scope.siblings.push(node.key.is_none());
        }
    }
}

fn lawful_rule(mut rule: RulePlan, scope: &Scope) -> RulePlan {
    if rule.feeds.is_none() {
        rule.every = match rule.every {
            Every::Once => Every::Once,
            Every::Succeeded(stage) => Every::Succeeded(stage % LEAF),
            Every::Failed(stage) => Every::Failed(stage % LEAF),
            Every::Under(_) if rule.below.is_empty() => Every::Once,
            Every::Under(stage) => Every::Under(stage % LEAF),
        };
        rule.when = rule.when.into_iter().filter_map(|when| lawful_when(when, scope)).collect();
    }
    match rule.every {
        Every::Under(_) => rule.below.iter_mut().for_each(|(stage, _)| *stage %= LEAF),
        _ => rule.below.clear(),
    }
    rule.ask = rule.ask.and_then(|ask| lawful_ask(ask, scope));
    let mut inside = inside_of(&rule, scope);
    if rule.feeds.is_some() {
        rule.body.iter_mut().for_each(|node| (node.key, node.map) = (None, None));
        // Elements need only nodes that are older than the open node; among the initial nodes only the first is certain
        // to be.
        inside.initial = scope.initial.map(|count| count.min(1));
    }
    lawful_body(&mut rule.body, &mut rule.inner, &mut inside);
    let each = rule.every.stage();
    inside.floor = inside.floor.max(each.map_or(0, |stage| stage + 1));
    let inner = std::mem::take(&mut rule.inner).into_iter().filter(|inner| scope.depth < 2 || inner.feeds.is_some());
    rule.inner = inner.map(|inner| lawful_rule(inner, &inside)).collect();
    rule.anything = (rule.anything && scope.depth == 0 && rule.feeds.is_none()) || rule.declares_anything();
    if rule.anything {
        rule.body.iter_mut().for_each(|node| node.under = None);
    }
    let stages = inside.stages();
    rule.extra = rule.extra.filter(|_| !stages.is_empty()).map(|stage| stages[stage % stages.len()]);
    let again = each.filter(|each| rule.body.iter().any(|node| node.key.is_none() && node.stage <= *each));
    rule.within = match (again, rule.within) {
        (Some(_), within) => Some(within.unwrap_or(1).clamp(1, 2)),
        (None, within) => within.filter(|_| each.is_some()).map(|within| within.max(1)),
    };
    if rule.within.is_some() {
        rule.body.iter_mut().for_each(|node| (node.key, node.under) = (None, None)); // DESIGN.md refuses the combination
        let again = each.is_some_and(|each| rule.body.iter().any(|node| node.stage <= each));
        rule.within = rule.within.map(|within| if again { within.min(2) } else { within });
    }
    rule
}

/// The context of a rule's body.
fn inside_of(rule: &RulePlan, scope: &Scope) -> Scope {
    let each = rule.every.stage();
    let mut inside = scope.clone();
    inside.level = rule.when.iter().map(level).chain(rule.ask.iter().map(ask_level)).fold(scope.level, usize::max);
    inside.level = inside.level.max(match rule.every {
        Every::Under(stage) => {
            rule.below.iter().map(|(stage, _)| stratum(*stage) + 1).fold(stratum(stage) + 1, usize::max)
        }
        _ => each.map_or(0, stratum),
    });
    let leaves_lineage = rule.when.iter().any(|when| {
        matches!(when, When::Done(Whom::Initial(_)) | When::Settled(Whom::Initial(_)) | When::Failed(Whom::Initial(_)))
    });
    if scope.depth > 0 && (each.is_some() || leaves_lineage) {
        inside.level = inside.level.max(scope.above_waits);
    }
    inside.leaf_only |= scope.inside_each && (each.is_some() || leaves_lineage);
    inside.inside_each |= each.is_some();
    inside.bound = each.is_some();
    inside.depth += 1;
    inside.siblings.clear();
    inside
}

fn lawful_when(when: When<Whom>, scope: &Scope) -> Option<When<Whom>> {
    Some(match when {
        When::Done(node) => When::Done(scope.whom(node, true)?),
        When::Settled(node) => When::Settled(scope.whom(node, true)?),
        When::Failed(node) => When::Failed(scope.whom(node, true)?),
        When::Count(stage, wanted) => When::Count(stage % STAGES, wanted),
        When::CountDone(stage, wanted) => When::CountDone(stage % STAGES, wanted),
        When::Named(level, number) => When::Named(level % 4, number),
        When::Closed(stage) => When::Closed(stage % STAGES),
    })
}

fn lawful_ask(ask: Ask<Whom>, scope: &Scope) -> Option<Ask<Whom>> {
    Some(match ask {
        Ask::OddOrAtLeast(stage, wanted) => Ask::OddOrAtLeast(stage % STAGES, wanted),
        Ask::SucceededAtLeast(stage, wanted) => Ask::SucceededAtLeast(stage % STAGES, wanted),
        Ask::NodeFailed(node) => Ask::NodeFailed(scope.whom(node, true)?),
        Ask::NodeRuns(node) => Ask::NodeRuns(scope.whom(node, true)?),
        Ask::Children(node, wanted) => Ask::Children(scope.whom(node, true)?, wanted),
        Ask::NameExists(level, number) => Ask::NameExists(level % 4, number),
        Ask::AllAtLeast(wanted) => Ask::AllAtLeast(wanted),
    })
}

/// The lowest stratum that a rule with this condition may add.
fn level(when: &When<Whom>) -> usize {
    match when {
        When::Done(_) | When::Settled(_) | When::Failed(_) => 0,
        When::Count(stage, _) | When::CountDone(stage, _) => stratum(*stage),
        When::Named(level, _) => *level,
        When::Closed(stage) => stratum(*stage) + 1,
    }
}

fn ask_level(ask: &Ask<Whom>) -> usize {
    match ask {
        Ask::OddOrAtLeast(stage, _) | Ask::SucceededAtLeast(stage, _) => stratum(*stage),
        Ask::NameExists(level, _) => *level,
        Ask::NodeFailed(_) | Ask::NodeRuns(_) => 0,
        Ask::AllAtLeast(_) | Ask::Children(..) => 3,
    }
}
