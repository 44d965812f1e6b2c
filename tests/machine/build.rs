//! From plans to what an event adds: for the model, and for the machine.

use super::model::{Batch, Model, NewNode, Rule};
use super::program::{Ask, Every, Fails, NAMES, NodePlan, Program, RulePlan, When, Whom, name, stratum};
use dagcore::dag::{Additions, Adds, Condition, Each, Edge, Label, NodeId, Place, Reads, RuleSpec, StageId, StageInfo};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// What the machine is told of a stage: the stages run at all four places.
pub(crate) fn describe(stage: StageId) -> StageInfo {
    let place = [Place::Async, Place::Compute, Place::Blocking, Place::Inline][stage.index() % 4];
    StageInfo::new(NAMES[stage.index()], place)
}

pub(crate) fn node_id(node: usize) -> NodeId {
    NodeId::from_index(node)
}

pub(crate) fn stage_id(stage: usize) -> StageId {
    StageId::from_index(stage)
}

/// A number that depends on the text only.
fn hash(text: &str) -> usize {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        as usize
        >> 7
}

/// Whether what is on this lineage path fails.
fn on(fails: Fails, path: &str) -> bool {
    match fails {
        Fails::Never => false,
        Fails::Sometimes => hash(path).is_multiple_of(2),
        Fails::Always => true,
    }
}

impl Model {
    /// Whether the stage of `node` returns an error.
    pub(crate) fn will_fail(&self, node: usize) -> bool {
        let node = &self.nodes[node];
        on(node.fails, &node.path) || node.key.as_deref() == Some("3")
    }

    /// What the program adds at first.
    pub(crate) fn first(&mut self, program: &Program) -> Batch {
        let (mut batch, nodes) = self.batch(&program.nodes, &[], None);
        self.initial = nodes;
        batch.rules = program.rules.iter().map(|plan| self.rule(plan, None, &self.initial)).collect();
        batch
    }

    /// What a rule's body adds; nothing when it fails.
    pub(crate) fn body(&self, rule: usize, bound: Option<usize>) -> Option<Batch> {
        let this = &self.rules[rule];
        let path = bound.map_or("-", |node| &self.nodes[node].path);
        let failed = on(this.plan.fails, &format!("{} {path}", this.path));
        (!failed).then(|| self.batch(&this.plan.body, &this.plan.inner, bound).0)
    }

    fn batch(&self, plans: &[NodePlan], rules: &[RulePlan], bound: Option<usize>) -> (Batch, Vec<usize>) {
        let mut batch = Batch { nodes: Vec::new(), rules: Vec::new() };
        let mut siblings = Vec::new();
        let mut keys: HashMap<(usize, String), usize> = HashMap::new();
        for (position, plan) in plans.iter().enumerate() {
            let key = plan.key.map(|key| self.key(key, bound));
            let known = |key: &String| {
                let old = self.of(plan.stage).find(|node| self.nodes[*node].key.as_ref() == Some(key));
                old.or_else(|| keys.get(&(plan.stage, key.clone())).copied())
            };
            if let Some(known) = key.as_ref().and_then(known) {
                siblings.push(known); // the first addition wins
                continue;
            }
            let id = self.nodes.len() + batch.nodes.len();
            let edges = plan.edges.iter().map(|(whom, need)| (self.find(*whom, bound, &siblings), *need)).collect();
            keys.extend(key.clone().map(|key| ((plan.stage, key), id)));
            let (stage, open, fails) = (plan.stage, plan.open, plan.fails);
            let name = plan.name.map(|number| name(stratum(stage), number));
            batch.nodes.push(NewNode { stage, edges, name, key, open, fails, position });
            siblings.push(id);
        }
        batch.rules = rules.iter().map(|plan| self.rule(plan, bound, &siblings)).collect();
        (batch, siblings)
    }

    fn key(&self, key: usize, bound: Option<usize>) -> String {
        let path = bound.map_or("", |node| &self.nodes[node].path);
        if key < 4 { key.to_string() } else { (hash(path) % 4).to_string() }
    }

    fn find(&self, whom: Whom, bound: Option<usize>, siblings: &[usize]) -> usize {
        match whom {
            Whom::Initial(index) => self.initial[index],
            Whom::Bound => bound.expect("only a rule for each node of a stage speaks of it"),
            Whom::Sibling(index) => siblings[index],
        }
    }

    fn rule(&self, plan: &RulePlan, bound: Option<usize>, siblings: &[usize]) -> Rule {
        let find = |whom: &Whom| self.find(*whom, bound, siblings);
        let when = plan.when.iter().map(|when| match when {
            When::Done(node) => When::Done(find(node)),
            When::Settled(node) => When::Settled(find(node)),
            When::Failed(node) => When::Failed(find(node)),
            When::Count(stage, wanted) => When::Count(*stage, *wanted),
            When::CountDone(stage, wanted) => When::CountDone(*stage, *wanted),
            When::Named(level, number) => When::Named(*level, *number),
            When::Closed(stage) => When::Closed(*stage),
        });
        let ask = plan.ask.as_ref().map(|ask| match ask {
            Ask::OddOrAtLeast(stage, wanted) => Ask::OddOrAtLeast(*stage, *wanted),
            Ask::SucceededAtLeast(stage, wanted) => Ask::SucceededAtLeast(*stage, *wanted),
            Ask::NodeFailed(node) => Ask::NodeFailed(find(node)),
            Ask::NodeRuns(node) => Ask::NodeRuns(find(node)),
            Ask::NameExists(level, number) => Ask::NameExists(*level, *number),
            Ask::AllAtLeast(wanted) => Ask::AllAtLeast(*wanted),
        });
        Rule {
            name: "rule".to_owned(),
            every: plan.every,
            when: when.collect(),
            ask,
            within: plan.within,
            adds: (!plan.anything).then(|| plan.declares()),
            feeds: plan.feeds.map(|open| siblings[open]),
            plan: Rc::new(plan.clone()),
            scope: None,
            position: 0,
            path: String::new(),
            said_yes: false,
            broken: false,
            fired: BTreeSet::new(),
            failed: BTreeSet::new(),
        }
    }
}

impl Batch {
    /// The same for the machine.
    pub(crate) fn additions(&self) -> Additions {
        let mut additions = Additions::default();
        for node in &self.nodes {
            let edges = node.edges.iter().map(|(from, need)| Edge { from: node_id(*from), need: *need });
            let labelled = node.name.is_some() || node.key.is_some();
            let label = labelled.then(|| Label { name: node.name.clone(), key: node.key.clone(), ..Label::default() });
            match node.open {
                true => additions.open_node(stage_id(node.stage), edges, label),
                false => additions.node(stage_id(node.stage), edges, label),
            }
        }
        self.rules.iter().for_each(|rule| additions.rule(rule.spec()));
        additions
    }
}

impl Rule {
    fn spec(&self) -> RuleSpec {
        let adds = self.adds.as_ref();
        let adds = adds.map_or(Adds::Anything, |stages| Adds::only(stages.iter().copied().map(stage_id)));
        let mut spec = RuleSpec::new(self.name.clone(), adds).each(match self.every {
            Every::Once => Each::Once,
            Every::Succeeded(stage) => Each::Succeeded(stage_id(stage)),
            Every::Failed(stage) => Each::Failed(stage_id(stage)),
        });
        for when in &self.when {
            spec = spec.when(match when {
                When::Done(node) => Condition::Done(node_id(*node)),
                When::Settled(node) => Condition::Settled(node_id(*node)),
                When::Failed(node) => Condition::Failed(node_id(*node)),
                When::Count(stage, wanted) => Condition::Count(stage_id(*stage), *wanted),
                When::CountDone(stage, wanted) => Condition::CountDone(stage_id(*stage), *wanted),
                When::Named(level, number) => Condition::Named(name(*level, *number)),
                When::Closed(stage) => Condition::Closed(stage_id(*stage)),
            });
        }
        if self.ask.is_some() {
            spec = spec.asking();
        }
        if let Some(within) = self.within {
            spec = spec.within(within);
        }
        match self.feeds {
            Some(open) => spec.feeding(node_id(open)),
            None => spec,
        }
    }
}

/// What a predicate looks at.
pub(crate) fn reads(ask: &Ask<usize>) -> Reads {
    let mut reads = Reads::default();
    match ask {
        Ask::OddOrAtLeast(stage, _) | Ask::SucceededAtLeast(stage, _) => reads.stages.push(stage_id(*stage)),
        Ask::NodeFailed(node) | Ask::NodeRuns(node) => reads.nodes.push(node_id(*node)),
        Ask::NameExists(level, number) => reads.names.push(name(*level, *number)),
        Ask::AllAtLeast(_) => reads.all = true,
    }
    reads
}
