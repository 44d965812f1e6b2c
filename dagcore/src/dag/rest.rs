//! What happens when nothing can happen any more: the lowest stratum that is still open closes.
//!
//! Every node is settled then, so what is still armed waits for something that only more growth could bring.
//! The rules that wait for a stage to close are ordered by "the one may add what the other waits for". A
//! component of that relation which no other precedes is the lowest stratum; of several, the one whose first
//! rule was registered first. Its stages close, its rules fire, the run goes on, and so on until none is left.

use super::closing::Closing;
use super::id::{RuleId, StageId};
use super::rule::{Each, Phase, Rules};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

/// The stages to close now; empty when no rule waits for one.
pub(super) fn lowest_stratum(rules: &Rules, closing: &Closing) -> Vec<StageId> {
    let waiting: Vec<RuleId> =
        (0..rules.records.len()).map(RuleId::from_index).filter(|rule| waits(rules, closing, *rule)).collect();
    let mut order = DiGraph::<RuleId, ()>::new();
    let index: Vec<_> = waiting.iter().map(|rule| order.add_node(*rule)).collect();
    for (first, rule) in waiting.iter().enumerate() {
        for (second, other) in waiting.iter().enumerate() {
            if first != second && precedes(rules, closing, *rule, *other) {
                order.add_edge(index[first], index[second], ());
            }
        }
    }
    let strata = tarjan_scc(&order);
    let lowest = strata.iter().filter(|stratum| {
        stratum
            .iter()
            .all(|rule| order.neighbors_directed(*rule, petgraph::Incoming).all(|before| stratum.contains(&before)))
    });
    let Some(lowest) = lowest.min_by_key(|stratum| stratum.iter().map(|rule| order[*rule]).min()) else {
        return Vec::new();
    };
    let mut stages: Vec<StageId> = lowest.iter().flat_map(|rule| open_stages(rules, closing, order[*rule])).collect();
    stages.sort_unstable();
    stages.dedup();
    stages
}

fn waits(rules: &Rules, closing: &Closing, rule: RuleId) -> bool {
    let armed = rules.get(rule).is_some_and(|record| record.phase == Phase::Armed);
    armed && open_stages(rules, closing, rule).next().is_some()
}

fn open_stages(rules: &Rules, closing: &Closing, rule: RuleId) -> impl Iterator<Item = StageId> {
    let record = rules.get(rule);
    let stages = record.into_iter().flat_map(|record| record.spec.closing());
    stages.filter(|stage| !closing.is_closed(*stage))
}

/// Whether `first`, when it fires, may add to a stage that `second` waits for.
fn precedes(rules: &Rules, closing: &Closing, first: RuleId, second: RuleId) -> bool {
    let Some(record) = rules.get(first) else { return false };
    // An `each` rule that has found nothing while everything was settled has nothing to fire for.
    let can_fire = record.spec.each == Each::Once || !record.held.is_empty();
    can_fire && open_stages(rules, closing, second).any(|stage| closing.may_lead(&record.spec.adds, stage))
}
