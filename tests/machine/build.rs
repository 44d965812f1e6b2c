//! Converts plans into the additions of an event.

use super::model::{Batch, Model, NewNode, Node, Rule};
use super::program::{Ask, Fails, NodePlan, Program, RulePlan, When, Whom, name, stratum};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// A number that depends only on the text.
fn hash(text: &str) -> usize {
    text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        as usize
        >> 7
}

/// Returns `true` if the node on this lineage path fails.
fn on(fails: Fails, path: &str) -> bool {
    match fails {
        Fails::Never => false,
        Fails::Sometimes => hash(path).is_multiple_of(2),
        Fails::Always => true,
    }
}

impl Model {
    /// Returns `true` if the stage of `node` returns an error.
    pub(crate) fn will_fail(&self, node: usize) -> bool {
        let node = &self.nodes[node];
        on(node.fails, &node.path) || node.key.as_deref() == Some("3")
    }

    /// The initial additions of the program.
    pub(crate) fn first(&mut self, program: &Program) -> Batch {
        for inside in &program.inside {
            self.inside[inside.stage] = Some(Rc::new(inside.clone()));
        }
        let (mut batch, nodes) = self.batch(&program.nodes, &[], None, None);
        self.initial = nodes;
        batch.rules = program.rules.iter().map(|plan| self.rule(plan, None, &self.initial)).collect();
        batch
    }

    /// The additions of a rule's body; `None` if it fails.
    pub(crate) fn body(&self, rule: usize, bound: Option<usize>) -> Option<Batch> {
        let this = &self.rules[rule];
        let path = bound.map_or("-", |node| &self.nodes[node].path);
        let failed = on(this.plan.fails, &format!("{} {path}", this.path));
        let above = self.parent_of_firing(rule, bound);
        (!failed).then(|| self.batch(&this.plan.body, &this.plan.inner, bound, above).0)
    }

    /// The next additions of a running node; `None` if it has made all of them.
    pub(crate) fn step(&self, node: usize) -> Option<Batch> {
        let Node { stage, grown, .. } = self.nodes[node];
        let steps = &self.inside[stage].as_ref()?.steps;
        let (mut batch, _) = self.batch(steps.get(grown)?, &[], Some(node), Some(node));
        let before: usize = steps.iter().take(grown).map(Vec::len).sum();
        batch.nodes.iter_mut().for_each(|node| node.position += before);
        Some(batch)
    }

    /// Builds the additions of a body below `above` in the lineage, and the nodes that it refers to.
    fn batch(
        &self,
        plans: &[NodePlan],
        rules: &[RulePlan],
        bound: Option<usize>,
        above: Option<usize>,
    ) -> (Batch, Vec<usize>) {
        let mut batch = Batch { nodes: Vec::new(), rules: Vec::new() };
        let mut siblings = Vec::new();
        let mut keys: HashMap<(usize, Option<usize>, String), usize> = HashMap::new();
        for (position, plan) in plans.iter().enumerate() {
            let key = plan.key.map(|key| self.key(key, bound));
            let under = plan.under.and_then(|stage| self.above(above?, stage));
            let known = |key: &String| {
                let same =
                    |node: &usize| self.nodes[*node].key.as_ref() == Some(key) && self.nodes[*node].under == under;
                self.of(plan.stage).find(same).or_else(|| keys.get(&(plan.stage, under, key.clone())).copied())
            };
            if let Some(known) = key.as_ref().and_then(known) {
                siblings.push(known); // the first addition wins
                continue;
            }
            let id = self.nodes.len() + batch.nodes.len();
            let edges = plan.edges.iter().map(|(whom, need)| (self.find(*whom, bound, &siblings), *need)).collect();
            keys.extend(key.clone().map(|key| ((plan.stage, under, key), id)));
            let (stage, open, fails) = (plan.stage, plan.open, plan.fails);
            let name = plan.name.map(|number| name(stratum(stage), number));
            batch.nodes.push(NewNode { stage, edges, name, key, under, open, fails, position });
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
            Whom::Bound => bound.expect("only an `each` rule refers to the bound node"),
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
            Ask::Children(node, wanted) => Ask::Children(find(node), *wanted),
            Ask::NameExists(level, number) => Ask::NameExists(*level, *number),
            Ask::AllAtLeast(wanted) => Ask::AllAtLeast(*wanted),
        });
        Rule {
            name: format!("rule of {}", plan.body.len()),
            every: plan.every,
            when: when.collect(),
            ask,
            below: plan.below.clone(),
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
