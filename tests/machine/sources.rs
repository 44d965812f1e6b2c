//! The reference: the sources that keep a stage open, in the whole run and below a node, and the stages that rules wait
//! for.
//!
//! Everything that may still add a node is a *source*, and has a place in the lineage. A stage is open while any source
//! adds it, or leads to it. It is open below a node while such a source is that node or is below it.

use super::model::{Batch, By, Model};
use super::program::{Every, STAGES, When};

/// For each stage, the stages that it leads to.
pub(crate) type Leads = [[bool; STAGES]; STAGES];

/// A source of further nodes.
pub(crate) struct Source {
    /// Its place in the lineage: the node below which it adds; at the root, `None`.
    at: Option<usize>,
    brings: [bool; STAGES],
}

/// All current sources.
pub(crate) struct Sources<'a> {
    model: &'a Model,
    all: Vec<Source>,
}

impl Sources<'_> {
    /// Returns `true` if a further node of the stage can be added.
    pub(crate) fn bring(&self, stage: usize) -> bool {
        self.all.iter().any(|source| source.brings[stage])
    }

    /// Returns `true` if one can be added below a node.
    pub(crate) fn bring_below(&self, stage: usize, above: usize) -> bool {
        let inside = |at: usize| self.model.nodes[at].line.contains(&above);
        self.all.iter().any(|source| source.brings[stage] && source.at.is_some_and(inside))
    }
}

impl Model {
    /// A leads to S if a rule for each node of A adds S, or a running node of A does, directly or through others.
    pub(crate) fn leads(&self) -> Leads {
        let mut leads = [[false; STAGES]; STAGES];
        for rule in &self.rules {
            let Some(from) = rule.every.stage() else { continue };
            for (to, led) in leads[from].iter_mut().enumerate() {
                *led |= rule.adds.as_ref().is_none_or(|adds| adds.iter().any(|(stage, _)| *stage == to));
            }
        }
        for inside in self.inside.iter().flatten() {
            let adds = inside.declares();
            for (to, led) in leads[inside.stage].iter_mut().enumerate() {
                *led |= inside.anything || adds.iter().any(|(stage, _)| *stage == to);
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

    /// Returns `true` if a rule declares `stage`, or a stage that leads to it.
    pub(crate) fn may_add(&self, rule: usize, stage: usize, leads: &Leads) -> bool {
        let adds = self.rules[rule].adds.as_ref();
        adds.is_none_or(|adds| adds.iter().any(|(added, _)| *added == stage || leads[*added][stage]))
    }

    /// An unsettled node, and one that a rule has found and not been applied to, adds the stages that its stage leads
    /// to. An armed one-shot rule adds its declared stages and those that they lead to, at the place of its additions.
    /// An `under` rule does so below each node for which it may still fire.
    pub(crate) fn sources(&self) -> Sources<'_> {
        let leads = self.leads();
        let of_node = |node: usize| Source { at: Some(node), brings: leads[self.nodes[node].stage] };
        let mut all: Vec<Source> = self.unsettled().map(of_node).collect();
        for (index, rule) in self.rules.iter().enumerate() {
            let may_add = |stage| self.may_add(index, stage, &leads);
            let of_rule = |at| Source { at, brings: std::array::from_fn(may_add) };
            all.extend(self.found(index).into_iter().map(|found| match (rule.every, found) {
                (Every::Succeeded(_) | Every::Failed(_), Some(node)) => of_node(node),
                (_, found) => of_rule(self.parent_of_firing(index, found)),
            }));
        }
        Sources { model: self, all }
    }

    /// The places of a rule's additions, for all bindings that it has found; of the rule itself if it fires once.
    pub(crate) fn places_of(&self, rule: usize) -> Vec<Option<usize>> {
        self.found(rule).into_iter().map(|found| self.parent_of_firing(rule, found)).collect()
    }

    pub(crate) fn is_watched(&self, stage: usize) -> bool {
        self.rules.iter().any(|rule| rule.when.contains(&When::Closed(stage)))
    }

    /// For each stage, the stages that some rule waits for below its nodes.
    fn watches_below(&self) -> Leads {
        let mut watches = [[false; STAGES]; STAGES];
        for rule in &self.rules {
            let Every::Under(above) = rule.every else { continue };
            rule.below.iter().for_each(|(stage, _)| watches[above][*stage] = true);
        }
        watches
    }

    pub(crate) fn is_watched_below(&self, stage: usize, above: usize) -> bool {
        self.watches_below()[self.nodes[above].stage][stage]
    }

    /// Stages and nodes, where some rule waits for the stage below the node.
    pub(crate) fn watched_below(&self) -> Vec<(usize, usize)> {
        let watches = self.watches_below();
        let pairs = (0..STAGES).flat_map(|above| (0..STAGES).map(move |stage| (stage, above)));
        let watched = pairs.filter(|(stage, above)| watches[*above][*stage]);
        watched.flat_map(|(stage, above)| self.of(above).map(move |above| (stage, above))).collect()
    }

    /// The open stages that a rule waits for, and below which node.
    pub(crate) fn waits_for(&self, rule: usize) -> Vec<(usize, Option<usize>)> {
        if !self.is_armed(rule) {
            return Vec::new();
        }
        let this = &self.rules[rule];
        let whole = (0..STAGES).filter(|stage| !self.closed[*stage] && this.when.contains(&When::Closed(*stage)));
        let found = self.found(rule).into_iter().flatten();
        let below = found.flat_map(|above| this.below.iter().map(move |(stage, _)| (*stage, above)));
        let below = below.filter(|waited| !self.closed_below.contains(waited));
        let all = whole.map(|stage| (stage, None)).chain(below.map(|(stage, above)| (stage, Some(above))));
        all.collect()
    }

    /// A stage that has closed, in the whole run or below a node, and to which the batch adds a node there.
    pub(crate) fn late(&self, batch: &Batch, by: By) -> Option<usize> {
        let above = self.parent_of(by);
        let late = batch.nodes.iter().find(|node| {
            let above = if node.key.is_some() { node.under } else { above };
            self.closed[node.stage] || above.is_some_and(|above| self.has_closed_around(above, node.stage))
        });
        late.map(|node| node.stage)
    }

    /// Returns `true` if the stage has closed below the node, or below one above it.
    pub(crate) fn has_closed_around(&self, node: usize, stage: usize) -> bool {
        self.nodes[node].line.iter().any(|above| self.closed_below.contains(&(stage, *above)))
    }
}
