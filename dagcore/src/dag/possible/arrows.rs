//! The list of arrows, in a stable order.

use super::arrow::{ArrowEnd, ArrowKind, PossibleArrow};
use super::known_program::Known;
use super::stages::Declared;
use crate::dag::base::declared_additions::Keying;
use std::collections::BTreeMap;

/// Returns all arrows: between stages first, then those of each rule.
pub(super) fn arrows(known: &Known<'_>) -> Vec<PossibleArrow> {
    let mut arrows = Arrows { begun: known.begun, list: Vec::new() };
    for ((from, to), need) in &known.edges {
        let kind = if *need { ArrowKind::Needs } else { ArrowKind::Follows };
        arrows.push(ArrowEnd::Stage(*from), ArrowEnd::Stage(*to), kind, None);
    }
    for (from, stage) in known.stages.iter().enumerate() {
        let grown = known.grown.range((from, 0)..=(from, usize::MAX)).map(|((_, to), nodes)| (*to, *nodes));
        arrows.adds(ArrowEnd::Stage(from), &stage.adds, None, grown.collect());
    }
    for (place, rule) in known.rules.iter().enumerate() {
        let own = ArrowEnd::Rule(place);
        for (stage, kind) in &rule.looks {
            arrows.push(ArrowEnd::Stage(*stage), own, *kind, None);
        }
        arrows.adds(own, &rule.adds, rule.spec.within, rule.added.clone());
        for (inner, rules) in &rule.registers {
            arrows.push(own, ArrowEnd::Rule(*inner), ArrowKind::Registers, Some(*rules));
        }
    }
    arrows.list
}

struct Arrows {
    begun: bool,
    list: Vec<PossibleArrow>,
}

impl Arrows {
    fn push(&mut self, from: ArrowEnd, to: ArrowEnd, kind: ArrowKind, actual: Option<usize>) {
        self.list.push(PossibleArrow { from, to, kind, actual: actual.filter(|_| self.begun) });
    }

    /// Adds the arrows of declared additions, and of actual additions without a declaration.
    fn adds(&mut self, from: ArrowEnd, adds: &Declared, within: Option<u32>, mut really: BTreeMap<usize, usize>) {
        for (to, keying) in &adds.list {
            let kind = ArrowKind::Adds { keying: *keying, within };
            let nodes = really.remove(to).unwrap_or(0);
            self.push(from, ArrowEnd::Stage(*to), kind, Some(nodes));
        }
        let kind = ArrowKind::Adds { keying: Keying::None, within };
        if adds.anything {
            self.push(from, ArrowEnd::Anything, kind, None);
        }
        for (to, nodes) in really {
            self.push(from, ArrowEnd::Stage(to), kind, Some(nodes));
        }
    }
}
