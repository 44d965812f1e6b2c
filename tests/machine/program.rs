//! Random programs: what is added at first, and rules whose bodies add more.
//!
//! A program is plain data. Whatever numbers it holds, [`Program::lawful`] makes it one that DESIGN.md calls
//! stratified and bounded: a rule adds only stages of its own stratum or higher ones, a rule that waits for a
//! stage to close only higher ones, and a rule that may enable itself again has a `within`. So a program stays
//! lawful while proptest takes parts away.

use dagcore::dag::Need;

/// Two stages to a stratum; no `each` rule looks at the last one, so anything may add it.
pub(crate) const STAGES: usize = 7;
pub(crate) const LEAF: usize = STAGES - 1;
pub(crate) const NAMES: [&str; STAGES] = ["a", "b", "c", "d", "e", "f", "leaf"];

pub(crate) fn stratum(stage: usize) -> usize {
    stage / 2
}

/// The only name that nodes of a stratum have beyond the numbers: so what a name waits for has a stratum too.
pub(crate) fn name(stratum: usize, number: usize) -> String {
    format!("name {number} of stratum {stratum}")
}

#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<NodePlan>,
    pub(crate) rules: Vec<RulePlan>,
}

/// A node that is to be added.
#[derive(Clone, Debug)]
pub(crate) struct NodePlan {
    pub(crate) stage: usize,
    pub(crate) edges: Vec<(Whom, Need)>,
    pub(crate) name: Option<usize>,
    /// A key below four is that key; any other depends on what the rule is applied to.
    pub(crate) key: Option<usize>,
    pub(crate) fails: Fails,
    pub(crate) open: bool,
    /// What a `map` adds besides the node: the rule that feeds it.
    pub(crate) map: Option<Box<(Whom, Vec<NodePlan>, Fails)>>,
}

/// A node that a plan speaks of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Whom {
    /// One that the program added at first.
    Initial(usize),
    /// The node that the rule is applied to.
    Bound,
    /// An earlier one of the same body; for a nested rule, one of the body that registers it.
    Sibling(usize),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Fails {
    Never,
    /// On half of the lineage paths.
    Sometimes,
    Always,
}

#[derive(Clone, Debug)]
pub(crate) struct RulePlan {
    pub(crate) every: Every,
    pub(crate) when: Vec<When<Whom>>,
    pub(crate) ask: Option<Ask<Whom>>,
    /// Whether the predicate panics where it would say yes.
    pub(crate) ask_fails: bool,
    pub(crate) within: Option<u32>,
    pub(crate) body: Vec<NodePlan>,
    pub(crate) inner: Vec<RulePlan>,
    pub(crate) fails: Fails,
    /// A stage that is declared and never added.
    pub(crate) extra: Option<usize>,
    /// Whether it declares nothing.
    pub(crate) anything: bool,
    /// The open node, of the body that registers this rule, which it feeds.
    pub(crate) feeds: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Every {
    Once,
    Succeeded(usize),
    Failed(usize),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum When<N> {
    Done(N),
    Settled(N),
    Failed(N),
    Count(usize, usize),
    CountDone(usize, usize),
    Named(usize, usize),
    Closed(usize),
}

/// A predicate.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Ask<N> {
    /// So many nodes of the stage, or an odd number of them: true now, false later.
    OddOrAtLeast(usize, usize),
    SucceededAtLeast(usize, usize),
    NodeFailed(N),
    NodeRuns(N),
    NameExists(usize, usize),
    AllAtLeast(usize),
}

/// What is known where a rule is registered.
#[derive(Clone)]
struct Scope {
    level: usize,
    /// The lowest stage that may be added inside an `each` rule.
    floor: usize,
    inside_each: bool,
    leaf_only: bool,
    /// The number of the first nodes; `None` where they are being added.
    initial: Option<usize>,
    bound: bool,
    /// The nodes of the body, and whether each may be waited for.
    siblings: Vec<bool>,
    depth: usize,
}

impl Program {
    pub(crate) fn lawful(mut self) -> Self {
        let mut scope = Scope {
            level: 0,
            floor: 0,
            inside_each: false,
            leaf_only: false,
            initial: None,
            bound: false,
            siblings: Vec::new(),
            depth: 0,
        };
        lawful_body(&mut self.nodes, &mut self.rules, &mut scope);
        scope.initial = Some(scope.siblings.len());
        self.rules = self.rules.into_iter().map(|rule| lawful_rule(rule, &scope)).collect();
        self
    }

    /// Without what may depend on time: predicates, but for those about the end of one node, and rules that
    /// declare nothing.
    pub(crate) fn timeless(mut self) -> Self {
        fn keep(rules: &mut Vec<RulePlan>) {
            rules.retain(|rule| !rule.anything && matches!(rule.ask, None | Some(Ask::NodeFailed(_))));
            rules.iter_mut().for_each(|rule| keep(&mut rule.inner));
        }
        keep(&mut self.rules);
        self
    }

    /// Whether DESIGN.md lets a rule of this program add to a stage that has closed.
    pub(crate) fn may_be_late(&self) -> bool {
        fn any(rules: &[RulePlan]) -> bool {
            rules.iter().any(|rule| rule.anything || rule.ask.is_some() || any(&rule.inner))
        }
        any(&self.rules)
    }
}

impl RulePlan {
    /// The stages that it declares.
    pub(crate) fn declares(&self) -> Vec<usize> {
        let own = self.body.iter().map(|node| node.stage).chain(self.extra);
        let mut stages: Vec<usize> = own.chain(self.inner.iter().flat_map(RulePlan::declares)).collect();
        stages.sort_unstable();
        stages.dedup();
        stages
    }

    fn declares_anything(&self) -> bool {
        self.anything || self.inner.iter().any(RulePlan::declares_anything)
    }

    /// A rule that fires at once, and once, and adds these.
    pub(crate) fn adding(body: Vec<NodePlan>) -> Self {
        Self {
            every: Every::Once,
            when: Vec::new(),
            ask: None,
            ask_fails: false,
            within: None,
            body,
            inner: Vec::new(),
            fails: Fails::Never,
            extra: None,
            anything: false,
            feeds: None,
        }
    }

    /// A rule that may add a node of the stage and never does.
    pub(crate) fn never(stage: usize) -> Self {
        Self { when: vec![When::Named(0, 9)], extra: Some(stage), ..Self::adding(Vec::new()) }
    }

    fn of_map(list: Whom, open: usize, body: Vec<NodePlan>, fails: Fails) -> Self {
        Self { when: vec![When::Done(list)], feeds: Some(open), fails, ..Self::adding(body) }
    }
}

impl Scope {
    fn stages(&self) -> Vec<usize> {
        let all = (0..STAGES).filter(|stage| stratum(*stage) >= self.level && *stage >= self.floor);
        all.filter(|stage| !self.leaf_only || *stage == LEAF).collect()
    }

    /// A node that there is, as near as may be to what was written.
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

/// Makes the nodes of a body lawful, and puts the rules of its maps behind its own.
fn lawful_body(nodes: &mut Vec<NodePlan>, rules: &mut Vec<RulePlan>, scope: &mut Scope) {
    let stages = scope.stages();
    if stages.is_empty() {
        nodes.clear();
    }
    for (index, node) in nodes.iter_mut().enumerate() {
        node.stage = stages[node.stage % stages.len()];
        let edges = std::mem::take(&mut node.edges).into_iter();
        node.edges = edges.filter_map(|(whom, need)| Some((scope.whom(whom, false)?, need))).collect();
        let map = node.map.take().and_then(|map| Some((scope.whom(map.0, true)?, map.1, map.2)));
        if let Some((list, elements, fails)) = map {
            node.edges = vec![(list, Need::Success)];
            (node.open, node.key) = (true, None);
            rules.push(RulePlan::of_map(list, index, elements, fails));
        }
        if node.key.is_some() {
            // A key decides everything about its node.
            (node.edges, node.name, node.fails) = (Vec::new(), None, Fails::Never);
        }
        scope.siblings.push(node.key.is_none());
    }
}

fn lawful_rule(mut rule: RulePlan, scope: &Scope) -> RulePlan {
    if rule.feeds.is_none() {
        rule.every = match rule.every {
            Every::Once => Every::Once,
            Every::Succeeded(stage) => Every::Succeeded(stage % LEAF),
            Every::Failed(stage) => Every::Failed(stage % LEAF),
        };
        rule.when = rule.when.into_iter().filter_map(|when| lawful_when(when, scope)).collect();
    }
    rule.ask = rule.ask.and_then(|ask| lawful_ask(ask, scope));
    let each = match rule.every {
        Every::Once => None,
        Every::Succeeded(stage) | Every::Failed(stage) => Some(stage),
    };
    let mut inside = scope.clone();
    inside.level = rule.when.iter().map(level).chain(rule.ask.iter().map(ask_level)).fold(scope.level, usize::max);
    inside.level = inside.level.max(each.map_or(0, stratum));
    let leaves_lineage = rule.when.iter().any(|when| {
        matches!(when, When::Done(Whom::Initial(_)) | When::Settled(Whom::Initial(_)) | When::Failed(Whom::Initial(_)))
    });
    inside.leaf_only |= scope.inside_each && (each.is_some() || leaves_lineage);
    inside.inside_each |= each.is_some();
    inside.bound = each.is_some();
    inside.depth += 1;
    if rule.feeds.is_some() {
        rule.body.iter_mut().for_each(|node| (node.key, node.map) = (None, None));
        // Elements need only what is older than the open node; among the first nodes only the first is sure to be.
        inside.initial = scope.initial.map(|count| count.min(1));
    }
    inside.siblings.clear();
    lawful_body(&mut rule.body, &mut rule.inner, &mut inside);
    inside.floor = inside.floor.max(each.map_or(0, |stage| stage + 1));
    let inner = std::mem::take(&mut rule.inner).into_iter().filter(|inner| scope.depth < 2 || inner.feeds.is_some());
    rule.inner = inner.map(|inner| lawful_rule(inner, &inside)).collect();
    rule.anything = (rule.anything && scope.depth == 0 && rule.feeds.is_none()) || rule.declares_anything();
    let stages = inside.stages();
    rule.extra = rule.extra.filter(|_| !stages.is_empty()).map(|stage| stages[stage % stages.len()]);
    let again = each.filter(|each| rule.body.iter().any(|node| node.key.is_none() && node.stage <= *each));
    rule.within = match (again, rule.within) {
        (Some(_), within) => Some(within.unwrap_or(1).clamp(1, 2)),
        (None, within) => within.filter(|_| each.is_some()).map(|within| within.max(1)),
    };
    if rule.within.is_some() {
        rule.body.iter_mut().for_each(|node| node.key = None); // refused together, says DESIGN.md
        let again = each.is_some_and(|each| rule.body.iter().any(|node| node.stage <= each));
        rule.within = rule.within.map(|within| if again { within.min(2) } else { within });
    }
    rule
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
        Ask::AllAtLeast(_) => 3,
    }
}
