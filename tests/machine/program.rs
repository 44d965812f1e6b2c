//! Random programs: the initial additions, rules whose bodies add more, and stages whose nodes add while they run.
//!
//! A program is plain data. Whatever numbers it contains, `Program::lawful` makes it stratified and bounded as defined
//! in DESIGN.md: see `lawful`.

use dagcore::dag::{Below, Need};

/// Two stages per stratum; no `each` rule matches the last one, so any rule may add it.
pub(crate) const STAGES: usize = 7;
pub(crate) const LEAF: usize = STAGES - 1;
pub(crate) const NAMES: [&str; STAGES] = ["a", "b", "c", "d", "e", "f", "leaf"];

pub(crate) fn stratum(stage: usize) -> usize {
    stage / 2
}

/// The only name, besides the numbered ones, that nodes of a stratum have: so a condition on a name has a stratum too.
pub(crate) fn name(stratum: usize, number: usize) -> String {
    format!("name {number} of stratum {stratum}")
}

#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<NodePlan>,
    pub(crate) rules: Vec<RulePlan>,
    pub(crate) inside: Vec<InsidePlan>,
    /// Whether rules that bodies register may add outside of the lineage of their registration, even where a rule waits
    /// below a node.
    pub(crate) reaching: bool,
}

/// A node to be added.
#[derive(Clone, Debug)]
pub(crate) struct NodePlan {
    pub(crate) stage: usize,
    pub(crate) edges: Vec<(Whom, Need)>,
    pub(crate) name: Option<usize>,
    /// A key below four is used as it is; any other depends on the binding of the rule.
    pub(crate) key: Option<usize>,
    /// The stage below whose nodes the key is unique: below the innermost such node around the one that adds it.
    pub(crate) under: Option<usize>,
    pub(crate) fails: Fails,
    pub(crate) open: bool,
    /// The further additions of a `map`: the rule that feeds the node.
    pub(crate) map: Option<Box<(Whom, Vec<NodePlan>, Fails)>>,
}

/// A node that a plan refers to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Whom {
    /// One of the program's initial nodes.
    Initial(usize),
    /// The node that the rule is applied to, or the running node that adds.
    Bound,
    /// An earlier node of the same body; for a nested rule, a node of the body that registers it.
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
    /// The conditions of an `under` rule below each of its nodes.
    pub(crate) below: Vec<(usize, Below)>,
    pub(crate) ask: Option<Ask<Whom>>,
    /// Whether the predicate panics instead of returning `true`.
    pub(crate) ask_fails: bool,
    pub(crate) within: Option<u32>,
    pub(crate) body: Vec<NodePlan>,
    pub(crate) inner: Vec<RulePlan>,
    pub(crate) fails: Fails,
    /// A stage that is declared and never added.
    pub(crate) extra: Option<usize>,
    /// Whether the rule declares nothing.
    pub(crate) anything: bool,
    /// The open node that this rule feeds, of the body that registers it.
    pub(crate) feeds: Option<usize>,
}

/// The additions of each running node of a stage, step by step.
#[derive(Clone, Debug)]
pub(crate) struct InsidePlan {
    pub(crate) stage: usize,
    pub(crate) steps: Vec<Vec<NodePlan>>,
    /// A stage that is declared and never added.
    pub(crate) extra: Option<usize>,
    /// Whether it declares that it may add anything.
    pub(crate) anything: bool,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Every {
    Once,
    Succeeded(usize),
    Failed(usize),
    Under(usize),
}

impl Every {
    pub(crate) fn stage(self) -> Option<usize> {
        match self {
            Self::Once => None,
            Self::Succeeded(stage) | Self::Failed(stage) | Self::Under(stage) => Some(stage),
        }
    }
}

/// The scope in which the key of an addition is unique.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Keyed {
    No,
    Run,
    Under(usize),
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
    /// At least this number of nodes of the stage, or an odd number of them: may be true now and false later.
    OddOrAtLeast(usize, usize),
    SucceededAtLeast(usize, usize),
    NodeFailed(N),
    NodeRuns(N),
    /// At least this number of dependents.
    Children(N, usize),
    NameExists(usize, usize),
    AllAtLeast(usize),
}

impl Program {
    /// Removes everything that may depend on time: predicates, except those about the end of one node, and rules
    /// without declarations. If rules may add outside of their lineage, no rule waits below a node.
    pub(crate) fn timeless(mut self) -> Self {
        fn keep(rules: &mut Vec<RulePlan>, reaching: bool) {
            rules.retain(|rule| !rule.anything && matches!(rule.ask, None | Some(Ask::NodeFailed(_))));
            rules.retain(|rule| !reaching || !matches!(rule.every, Every::Under(_)));
            rules.iter_mut().for_each(|rule| keep(&mut rule.inner, reaching));
        }
        keep(&mut self.rules, self.reaching);
        self.inside.iter_mut().for_each(|inside| inside.anything = false);
        self
    }

    /// Returns `true` if DESIGN.md allows a rule of this program to add to a closed stage.
    pub(crate) fn may_be_late(&self) -> bool {
        fn any(rules: &[RulePlan]) -> bool {
            rules.iter().any(|rule| rule.anything || rule.ask.is_some() || any(&rule.inner))
        }
        self.reaching || any(&self.rules) || self.inside.iter().any(|inside| inside.anything)
    }
}

impl NodePlan {
    pub(crate) fn keyed(&self) -> Keyed {
        match (self.key, self.under) {
            (None, _) => Keyed::No,
            (Some(_), None) => Keyed::Run,
            (Some(_), Some(stage)) => Keyed::Under(stage),
        }
    }
}

/// The declarations that cover these nodes, a stage that is only declared, and `others`.
fn declared<'a>(
    nodes: impl Iterator<Item = &'a NodePlan>,
    extra: Option<usize>,
    others: impl Iterator<Item = (usize, Keyed)>,
) -> Vec<(usize, Keyed)> {
    let own = nodes.map(|node| (node.stage, node.keyed())).chain(extra.map(|stage| (stage, Keyed::No)));
    let mut all: Vec<(usize, Keyed)> = own.chain(others).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl InsidePlan {
    /// The declared stages, and the keys of the additions to them.
    pub(crate) fn declares(&self) -> Vec<(usize, Keyed)> {
        declared(self.steps.iter().flatten(), self.extra, std::iter::empty())
    }
}

impl RulePlan {
    /// The declared stages, and the keys of the additions to them.
    pub(crate) fn declares(&self) -> Vec<(usize, Keyed)> {
        declared(self.body.iter(), self.extra, self.inner.iter().flat_map(RulePlan::declares))
    }

    pub(crate) fn declares_anything(&self) -> bool {
        self.anything || self.inner.iter().any(RulePlan::declares_anything)
    }

    /// A rule that fires once, immediately, and adds these nodes.
    pub(crate) fn adding(body: Vec<NodePlan>) -> Self {
        Self {
            every: Every::Once,
            when: Vec::new(),
            below: Vec::new(),
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

    /// A rule that declares a stage and never adds to it.
    pub(crate) fn never(stage: usize) -> Self {
        Self { when: vec![When::Named(0, 9)], extra: Some(stage), ..Self::adding(Vec::new()) }
    }

    pub(crate) fn of_map(list: Whom, open: usize, body: Vec<NodePlan>, fails: Fails) -> Self {
        Self { when: vec![When::Done(list)], feeds: Some(open), fails, ..Self::adding(body) }
    }
}
