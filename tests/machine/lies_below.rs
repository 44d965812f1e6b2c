//! Impossible events about groups and growth: nothing is added, closed or fired below a node where it must not be, and
//! no running node adds what it must not add.

use super::driver::Driver;
use super::lies::{fired, lies};
use super::model::By;
use super::program::{Every, Keyed, STAGES};
use super::random::{check, programs};
use super::told::{node_id, stage_id};
use dagcore::dag::{
    Addition, Additions, Adds, Below, Each, Edge, Event, Keying, Label, Need, NodeState, RuleId, RuleSpec, Time,
};

lies! {
    fn a_node_that_does_not_run_adds_nothing(d) {
        let node = match d.chance.below(4) {
            0 => d.model.nodes.len(),
            _ => d.pick(|d, node| d.model.state(node) != NodeState::Running)?,
        };
        let batch = if node < d.model.nodes.len() { d.model.step(node) } else { None };
        Some(grown(d, node, batch.map(|batch| batch.additions()).unwrap_or_default()))
    }

    fn a_node_that_runs_adds_only_what_its_stage_declares(d) {
        let node = d.pick(runs)?;
        let stage = (0..STAGES).find(|stage| !declares(d, node, *stage))?;
        let mut additions = d.model.step(node).map(|batch| batch.additions()).unwrap_or_default();
        match d.chance.below(3) {
            0 => additions.node(stage_id(stage), [needs(node)], None),
            1 => additions.node(stage_id(stage), [], Some(key("undeclared", None))),
            // Neither may it add the list of a map, which no rule would feed.
            _ => additions.open_node(stage_id(stage), [needs(node)], None),
        }
        Some(grown(d, node, additions))
    }

    fn what_a_node_adds_while_it_runs_needs_it(d) {
        let node = d.pick(|d, node| runs(d, node) && (0..STAGES).any(|stage| declares(d, node, stage)))?;
        let stage = (0..STAGES).find(|stage| declares(d, node, *stage))?;
        let mut additions = Additions::default();
        let other = d.chance.below(d.model.nodes.len());
        match d.chance.below(3) {
            0 => additions.node(stage_id(stage), [], None),
            1 => additions.node(stage_id(stage), [Edge { from: node_id(node), need: Need::End }], None),
            _ if other == node => return None,
            _ => additions.node(stage_id(stage), [needs(other)], None),
        }
        Some(grown(d, node, additions))
    }

    fn a_node_that_runs_registers_no_rules(d) {
        let node = d.pick(runs)?;
        let mut additions = d.model.step(node).map(|batch| batch.additions()).unwrap_or_default();
        additions.rule(RuleSpec::new("inner", Adds::only([])));
        Some(grown(d, node, additions))
    }

    fn a_stage_does_not_close_below_a_node_while_something_leads_to_it_there(d) {
        let (unsettled, mut open) = (d.model.unsettled().count(), d.model.watched_below());
        let sources = d.model.sources();
        open.retain(|(stage, above)| sources.bring_below(*stage, *above));
        drop(sources);
        open.retain(|waited| unsettled > 0 && !d.model.closed_below.contains(waited));
        let (stage, above) = d.chance.take(&mut open)?;
        let at_rest = d.chance.below(2) == 0;
        Some(closed(d, stage, above, at_rest))
    }

    fn a_stage_does_not_close_twice_below_a_node(d) {
        let (stage, above) = d.chance.take(&mut d.model.closed_below.iter().copied().collect())?;
        let at_rest = d.chance.below(2) == 0;
        Some(closed(d, stage, above, at_rest))
    }

    fn a_stage_closes_only_below_nodes_where_a_rule_waits_for_it(d) {
        let stage = d.chance.below(STAGES);
        let above = d.pick(|d, above| !d.model.is_watched_below(stage, above)).unwrap_or(d.model.nodes.len());
        let at_rest = d.chance.below(2) == 0;
        Some(closed(d, stage, above, at_rest))
    }

    fn a_body_adds_nothing_below_a_node_below_which_that_has_closed(d) {
        let late = |d: &Driver, rule: usize, bound| {
            let above = d.model.parent_of(By::Rule(rule, bound))?;
            let adds = d.model.rules[rule].adds.as_ref();
            let declared = |stage: &usize| adds.is_none_or(|adds| adds.iter().any(|(declared, _)| declared == stage));
            let stage = (0..STAGES).filter(declared).find(|stage| d.model.has_closed_around(above, *stage))?;
            Some((rule, bound, stage))
        };
        let (rule, bound, stage) = d.due.iter().find_map(|(rule, bound)| late(d, *rule, *bound))?;
        let mut additions = Additions::default();
        additions.node(stage_id(stage), [], None);
        Some(fired(d, rule, bound, additions))
    }

    fn a_key_is_unique_only_below_a_node_that_what_adds_it_is_below(d) {
        let (by, stage) = adder(d, |_| true)?;
        let line = d.model.parent_of(by).map_or(Vec::new(), |above| d.model.nodes[above].line.clone());
        let under = d.pick(|_, under| !line.contains(&under)).unwrap_or(d.model.nodes.len());
        let mut additions = Additions::default();
        additions.node(stage_id(stage), [], Some(key("elsewhere", Some(under))));
        Some(match d.chance.below(3) {
            0 => Event::Added { additions, at: Time::START },
            _ => added(d, by, additions),
        })
    }

    fn a_key_below_a_node_is_not_added_twice(d) {
        let node = d.pick(|d, node| d.model.nodes[node].under.is_some())?;
        let (stage, under) = (d.model.nodes[node].stage, d.model.nodes[node].under?);
        let inside = |d: &Driver, by| d.model.parent_of(by).is_some_and(|above| d.model.nodes[above].line.contains(&under));
        let (by, _) = adder_of(d, stage, |by| inside(d, by))?;
        let mut additions = Additions::default();
        let known = d.model.nodes[node].key.clone()?;
        let twins = if d.chance.below(2) == 0 { vec![known.as_str()] } else { vec!["twins", "twins"] };
        twins.iter().for_each(|twin| additions.node(stage_id(stage), [], Some(key(twin, Some(under)))));
        Some(added(d, by, additions))
    }

    fn an_under_rule_does_not_fire_twice_for_a_node(d) {
        let rule = d.pick_rule(|d, rule| is_under(d, rule) && !d.model.rules[rule].fired.is_empty())?;
        let bound = d.model.rules[rule].fired.iter().next().copied()?;
        Some(fired(d, rule, bound, Additions::default()))
    }

    fn an_under_rule_does_not_fire_before_what_it_waits_for_holds(d) {
        let early = |d: &Driver, rule: usize| {
            d.model.found(rule).into_iter().flatten().find(|above| !d.model.holds_below(rule, *above))
        };
        let rule = d.pick_rule(|d, rule| is_under(d, rule) && early(d, rule).is_some())?;
        Some(fired(d, rule, early(d, rule), Additions::default()))
    }

    fn an_under_rule_does_not_fire_for_a_node_below_which_not_all_succeeded(d) {
        let lost = |d: &Driver, rule: usize| {
            let Every::Under(stage) = d.model.rules[rule].every else { return None };
            d.model.of(stage).find(|above| d.model.is_lost(rule, *above))
        };
        let rule = d.pick_rule(|d, rule| lost(d, rule).is_some())?;
        Some(fired(d, rule, lost(d, rule), Additions::default()))
    }

    fn an_under_rule_does_not_fire_for_nodes_of_another_stage(d) {
        let rule = d.pick_rule(is_under)?;
        let other = d.pick(|d, node| Every::Under(d.model.nodes[node].stage) != d.model.rules[rule].every)?;
        Some(fired(d, rule, Some(other), Additions::default()))
    }

    fn a_rule_waits_below_nodes_only_when_it_fires_for_each_of_a_stage(d) {
        let (stage, mut additions) = (stage_id(d.open_stage()?), Additions::default());
        let spec = RuleSpec::new("odd", Adds::only([]));
        additions.rule(match d.chance.below(3) {
            0 => spec.each(Each::Under(stage)),
            1 => spec.under(stage, Below::Closed),
            _ => spec.each(Each::Succeeded(stage)).under(stage, Below::Done),
        });
        Some(Event::Added { additions, at: Time::START })
    }

    fn a_body_registers_no_rule_that_drops_or_moves_its_keys(d) {
        let (rule, bound) = d.due.first().copied()?;
        let declared = d.model.rules[rule].adds.as_ref()?;
        let keyed = declared.iter().find(|(stage, keyed)| {
            *keyed != Keyed::No && declared.iter().filter(|(other, _)| other == stage).count() == 1
        });
        let (stage, keyed) = keyed.copied()?;
        let others = [Keying::None, Keying::Run, Keying::Under(stage_id(0)), Keying::Under(stage_id(1))];
        let own = match keyed {
            Keyed::Under(stage) => Keying::Under(stage_id(stage)),
            _ => Keying::Run,
        };
        let other = d.chance.take(&mut others.into_iter().filter(|other| *other != own).collect())?;
        let mut additions = d.model.body(rule, bound)?.additions();
        additions.rule(RuleSpec::new("inner", Adds::Only(vec![Addition::new(stage_id(stage), other)])));
        Some(Event::Fired { rule: RuleId::from_index(rule), binding: bound.map(node_id), additions, at: d.at })
    }
}

fn runs(d: &Driver, node: usize) -> bool {
    d.model.state(node) == NodeState::Running
}

fn is_under(d: &Driver, rule: usize) -> bool {
    matches!(d.model.rules[rule].every, Every::Under(_))
}

/// Returns `true` if the node's stage declares that its nodes may add nodes of `stage`.
fn declares(d: &Driver, node: usize, stage: usize) -> bool {
    let inside = d.model.inside[d.model.nodes[node].stage].as_ref();
    inside.is_some_and(|inside| inside.anything || inside.declares().iter().any(|(declared, _)| *declared == stage))
}

fn needs(node: usize) -> Edge {
    Edge { from: node_id(node), need: Need::Success }
}

fn key(key: &str, under: Option<usize>) -> Label {
    Label { key: Some(key.to_owned()), under: under.map(node_id), ..Label::default() }
}

fn grown(d: &Driver, node: usize, additions: Additions) -> Event {
    Event::Grown { node: node_id(node), additions, at: d.at }
}

fn closed(d: &Driver, stage: usize, above: usize, at_rest: bool) -> Event {
    Event::Closed { stage: stage_id(stage), under: Some(node_id(above)), at_rest, at: d.at }
}

fn added(d: &Driver, by: By, additions: Additions) -> Event {
    match by {
        By::Program => Event::Added { additions, at: Time::START },
        By::Rule(rule, bound) => fired(d, rule, bound, additions),
        By::Node(node) => grown(d, node, additions),
    }
}

/// A rule or node that could add something now, and a stage that it may add.
fn adder(d: &Driver, is: impl Fn(By) -> bool) -> Option<(By, usize)> {
    (0..STAGES).find_map(|stage| adder_of(d, stage, &is))
}

fn adder_of(d: &Driver, stage: usize, is: impl Fn(By) -> bool) -> Option<(By, usize)> {
    let allows = |rule: usize| {
        let adds = d.model.rules[rule].adds.as_ref();
        adds.is_none_or(|adds| adds.iter().any(|(declared, _)| *declared == stage))
    };
    let rules = d.due.iter().filter(|(rule, _)| allows(*rule)).map(|(rule, bound)| By::Rule(*rule, *bound));
    let nodes = (0..d.model.nodes.len()).filter(|node| runs(d, *node) && declares(d, *node, stage)).map(By::Node);
    rules.chain(nodes).find(|by| is(*by)).map(|by| (by, stage))
}
