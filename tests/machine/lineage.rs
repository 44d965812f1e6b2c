//! The reference model: assigns each addition its place in the lineage.

use super::model::{Batch, By, Firing, Model, NewNode, Node, Step};
use super::program::{NAMES, When};
use std::collections::BTreeSet;

impl Model {
    /// The bound node of the firing or node that added this one, or the node below which its key is unique.
    pub(crate) fn lineage_parent(&self, node: usize) -> Option<usize> {
        self.nodes[node].line.get(1).copied()
    }

    /// The innermost node of the stage that is `node` or above it.
    pub(crate) fn above(&self, node: usize, stage: usize) -> Option<usize> {
        self.nodes[node].line.iter().copied().find(|above| self.nodes[*above].stage == stage)
    }

    /// The nodes of a stage below a node.
    pub(crate) fn below(&self, above: usize, stage: usize) -> impl Iterator<Item = usize> {
        self.of(stage).filter(move |node| self.nodes[*node].line[1..].contains(&above))
    }

    /// The nodes of a stage: parents before the nodes added for them, siblings by rule and position, keyed ones last.
    pub(crate) fn in_lineage_order(&self, stage: usize) -> Vec<usize> {
        let mut nodes: Vec<usize> = self.of(stage).collect();
        nodes.sort_by(|a, b| self.nodes[*a].place.cmp(&self.nodes[*b].place));
        nodes
    }

    /// The nodes of a stage below a node, in the same order.
    pub(crate) fn below_in_order(&self, above: usize, stage: usize) -> Vec<usize> {
        let mut nodes = self.in_lineage_order(stage);
        nodes.retain(|node| self.nodes[*node].line[1..].contains(&above));
        nodes
    }

    /// Applies a batch of additions.
    pub(crate) fn add(&mut self, batch: Batch, by: By) {
        let firing = self.firings.len();
        let to = |bound: Option<usize>| bound.map_or("-", |node| &self.nodes[node].path);
        let (rule, bound, path) = match by {
            By::Program => (None, None, "program".to_owned()),
            By::Rule(rule, bound) => (Some(rule), bound, format!("{}({})", self.rules[rule].path, to(bound))),
            By::Node(node) => (None, Some(node), format!("{}+", self.nodes[node].path)),
        };
        let parent = self.parent_of(by);
        self.firings.push(Firing { rule, bound, parent, path: path.clone() });
        let first = self.nodes.len();
        for NewNode { stage, edges, name, key, under, open, fails, position } in batch.nodes {
            let position = if by == By::Program { self.by_program.0 } else { position };
            self.by_program.0 += usize::from(by == By::Program);
            let step = match &key {
                Some(key) => Step::Keyed { stage: NAMES[stage], key: key.clone() },
                None => Step::Fired { rule: rule.map_or(Vec::new(), |rule| self.chain(rule)), position },
            };
            let above = if key.is_some() { under } else { parent };
            let path = match &key {
                Some(key) => format!("{}/{}[{key}]", under.map_or("", |under| &self.nodes[under].path), NAMES[stage]),
                None => format!("{path}#{position}"),
            };
            let place = above.map_or(Vec::new(), |node| self.nodes[node].place.clone()).into_iter().chain([step]);
            let line = above.map_or(Vec::new(), |node| self.nodes[node].line.clone());
            self.by_stage[stage].push(self.nodes.len());
            self.nodes.push(Node {
                stage,
                edges,
                name,
                key,
                under,
                open,
                fed: None,
                started: false,
                end: None,
                fails,
                firing,
                grown: 0,
                line: std::iter::once(self.nodes.len()).chain(line).collect(),
                path,
                place: place.collect(),
            });
        }
        for (index, mut rule) in batch.rules.into_iter().enumerate() {
            rule.scope = (by != By::Program).then_some(firing);
            rule.position = if by == By::Program { self.by_program.1 } else { index };
            self.by_program.1 += usize::from(by == By::Program);
            rule.path = format!("{path}.{}", rule.position);
            self.rules.push(rule);
        }
        match by {
            By::Program => {}
            By::Node(node) => self.nodes[node].grown += 1,
            By::Rule(rule, bound) => {
                self.rules[rule].fired.insert(bound);
                if let Some(open) = self.rules[rule].feeds {
                    self.nodes[open].fed = Some((first..self.nodes.len()).collect());
                }
            }
        }
    }

    /// The lineage parent of an addition without a key.
    pub(crate) fn parent_of(&self, by: By) -> Option<usize> {
        match by {
            By::Program => None,
            By::Rule(rule, bound) => self.parent_of_firing(rule, bound),
            By::Node(node) => Some(node),
        }
    }

    /// The node that a firing was bound to, if it is a single one; otherwise the place where its rule was registered.
    pub(crate) fn parent_of_firing(&self, rule: usize, bound: Option<usize>) -> Option<usize> {
        let named = self.rules[rule].when.iter().filter_map(|when| match when {
            When::Done(node) | When::Settled(node) | When::Failed(node) => Some(*node),
            _ => None,
        });
        let named: BTreeSet<usize> = named.collect();
        let about = if named.len() == 1 { named.first().copied() } else { None };
        bound.or(about).or_else(|| self.firings[self.rules[rule].scope?].parent)
    }

    /// The chain of registrations of a rule, from the program down.
    fn chain(&self, rule: usize) -> Vec<(Vec<Step>, usize)> {
        let super::model::Rule { scope, position, .. } = &self.rules[rule];
        let Some(scope) = scope.map(|scope| &self.firings[scope]) else { return vec![(Vec::new(), *position)] };
        let bound = scope.bound.map_or(Vec::new(), |node| self.nodes[node].place.clone());
        let mut chain = scope.rule.map_or(Vec::new(), |outer| self.chain(outer));
        chain.push((bound, *position));
        chain
    }
}
