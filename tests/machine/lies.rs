//! Impossible events. Each is rejected and changes nothing: the run continues as if the event had not been applied.

use super::driver::Driver;
use super::model::End;
use super::program::{Every, STAGES};
use super::random::{check, programs};
use super::told::{node_id, stage_id};
use dagcore::dag::{
    Additions, Adds, Cause, Condition, Edge, Event, Label, Need, NodeError, NodeId, NodeState, Reads, RuleError,
    RuleId, RuleSpec, Time,
};

/// A test for each kind of impossible event. Each is applied to many programs, in some of which such an event exists.
macro_rules! lies {
    ($($(#[$doc:meta])* fn $name:ident($driver:ident) $lie:block)*) => {
        $($(#[$doc])*
        #[test]
        fn $name() {
            fn lie($driver: &mut Driver) -> Option<Event> $lie
            let told = std::cell::Cell::new(0);
            check(programs() / 10, |program, order| {
                let driver = Driver::new(&program, order).lying(lie).run(&program)?;
                told.set(told.get() + driver.map_or(0, |driver| driver.lies));
                Ok(())
            });
            assert!(told.get() > 0, "no program allowed such an event");
        })*
    };
}
pub(crate) use lies;

lies! {
    fn a_node_that_does_not_exist_cannot_change(d) {
        let node = node_id(d.model.nodes.len() + d.chance.below(3));
        let kind = d.chance.below(4);
        Some(change(d, node, kind))
    }

    fn a_node_does_not_start_twice_or_while_it_waits(d) {
        let node = d.pick(|d, node| d.model.state(node) != NodeState::Ready)?;
        Some(change(d, node, 0))
    }

    fn a_node_does_not_end_twice(d) {
        let node = d.pick(|d, node| d.model.nodes[node].end.is_some())?;
        let kind = 1 + d.chance.below(3);
        Some(change(d, node, kind))
    }

    fn a_node_that_has_not_started_does_not_succeed(d) {
        let node = d.pick(|d, node| !d.model.nodes[node].started)?;
        Some(change(d, node, 1))
    }

    fn a_node_that_is_ready_does_not_fail(d) {
        let node = d.pick(|d, node| d.model.state(node) == NodeState::Ready)?;
        Some(change(d, node, 2))
    }

    /// Only the list of a map does, when the rule that adds its elements fails.
    fn a_node_that_waits_does_not_fail(d) {
        let node = d.pick(|d, node| d.model.state(node) == NodeState::Waiting && !d.model.nodes[node].open)?;
        Some(change(d, node, 2))
    }

    fn a_node_that_could_run_or_runs_is_not_skipped(d) {
        let node = d.pick(|d, node| matches!(d.model.state(node), NodeState::Ready | NodeState::Running))?;
        Some(change(d, node, 3))
    }

    fn a_node_is_not_skipped_unless_a_node_that_it_needs_did_not_succeed(d) {
        let waits = |d: &Driver, node| d.model.state(node) == NodeState::Waiting;
        let node = d.pick(|d, node| waits(d, node) && d.model.skip_causes(node).is_empty())?;
        Some(change(d, node, 3))
    }

    fn a_rule_that_does_not_exist_does_nothing(d) {
        let rule = RuleId::from_index(d.model.rules.len() + d.chance.below(3));
        Some(match d.chance.below(3) {
            0 => fired(d, rule.index(), None, Additions::default()),
            1 => failed(d, rule.index(), None),
            _ => Event::Evaluated { rule, held: true, reads: Reads::default(), at: Time::START },
        })
    }

    fn a_rule_that_has_fired_or_never_can_does_not_fire(d) {
        let rule = d.pick_rule(|d, rule| d.model.rules[rule].every == Every::Once && !d.model.is_armed(rule))?;
        Some(fired(d, rule, None, Additions::default()))
    }

    fn a_rule_whose_condition_does_not_hold_does_not_fire(d) {
        let due = d.model.due();
        let rule = d.pick_rule(|d, rule| d.model.rules[rule].every == Every::Once && !due.contains(&(rule, None)))?;
        Some(fired(d, rule, None, Additions::default()))
    }

    /// A body runs only after the machine has returned it as work.
    fn a_rule_that_is_due_and_was_not_handed_out_does_not_fire(d) {
        let (rule, bound) = d.model.due().into_iter().find(|due| !d.due.contains(due))?;
        Some(fired(d, rule, bound, Additions::default()))
    }

    fn a_body_that_is_due_and_was_not_handed_out_does_not_fail(d) {
        let mut due = d.model.due().into_iter().filter(|due| !d.due.contains(due));
        let (rule, bound) = due.find(|(rule, _)| d.model.rules[*rule].ask.is_none())?;
        Some(failed(d, rule, bound))
    }

    fn a_body_that_was_not_due_does_not_fail(d) {
        let due = d.model.due();
        let rule = d.pick_rule(|d, rule| d.model.rules[rule].ask.is_none() && !due.contains(&(rule, None)))?;
        Some(failed(d, rule, None))
    }

    fn a_rule_does_not_fire_twice_for_a_node(d) {
        let rule = d.pick_rule(|d, rule| d.model.rules[rule].fired.iter().any(Option::is_some))?;
        let node = d.model.rules[rule].fired.iter().next().copied().flatten();
        Some(fired(d, rule, node, Additions::default()))
    }

    fn a_rule_does_not_fire_for_a_node_that_it_has_not_found(d) {
        let node = d.chance.below(d.model.nodes.len());
        let due = d.model.due();
        let is_each = |d: &Driver, rule: usize| d.model.rules[rule].every != Every::Once;
        let never = |d: &Driver, rule: usize| !d.model.rules[rule].fired.contains(&Some(node));
        let rule = d.pick_rule(|d, rule| is_each(d, rule) && never(d, rule) && !due.contains(&(rule, Some(node))))?;
        Some(fired(d, rule, Some(node), Additions::default()))
    }

    fn a_rule_for_each_node_does_not_fire_for_none(d) {
        let rule = d.pick_rule(|d, rule| d.model.rules[rule].every != Every::Once)?;
        Some(fired(d, rule, None, Additions::default()))
    }

    fn a_rule_without_a_predicate_has_no_answer(d) {
        let rule = d.pick_rule(|d, rule| d.model.rules[rule].ask.is_none())?;
        Some(Event::Evaluated { rule: RuleId::from_index(rule), held: true, reads: Reads::default(), at: Time::START })
    }

    fn a_predicate_does_not_say_yes_twice(d) {
        let rule = d.pick_rule(|d, rule| d.model.rules[rule].said_yes)?;
        Some(Event::Evaluated { rule: RuleId::from_index(rule), held: true, reads: Reads::default(), at: Time::START })
    }

    fn a_node_does_not_need_itself_or_a_younger_one(d) {
        let from = node_id(d.model.nodes.len() + 1 + d.chance.below(2));
        let mut additions = Additions::default();
        let stage = stage_id(d.open_stage()?);
        additions.node(stage, [], None);
        additions.node(stage, [Edge { from, need: Need::End }], None);
        Some(Event::Added { additions, at: Time::START })
    }

    fn a_body_does_not_add_a_node_that_needs_a_younger_one(d) {
        let (rule, bound) = d.due.first().copied()?;
        let mut additions = d.model.body(rule, bound)?.additions();
        let (stage, _) = d.model.rules[rule].adds.as_ref()?.first().copied()?;
        let from = node_id(d.model.nodes.len() + additions.len());
        additions.node(stage_id(stage), [Edge { from, need: Need::Success }], None);
        Some(fired(d, rule, bound, additions))
    }

    fn a_stage_that_has_closed_gets_no_node(d) {
        let stage = (0..STAGES).find(|stage| d.model.closed[*stage])?;
        let mut additions = Additions::default();
        additions.node(stage_id(stage), [], None);
        match d.due.first().copied() {
            Some((rule, bound)) if d.chance.below(2) == 0 => Some(fired(d, rule, bound, additions)),
            _ => Some(Event::Added { additions, at: Time::START }),
        }
    }

    fn a_key_is_not_added_twice(d) {
        let node = d.pick(|d, node| d.model.nodes[node].key.is_some() && d.model.nodes[node].under.is_none())?;
        let (stage, key) = (d.model.nodes[node].stage, d.model.nodes[node].key.clone());
        let mut additions = Additions::default();
        additions.node(stage_id(stage), [], Some(Label { key, ..Label::default() }));
        Some(Event::Added { additions, at: Time::START })
    }

    fn a_key_is_not_added_twice_at_once(d) {
        let stage = stage_id(d.open_stage()?);
        let label = Label { key: Some("twins".to_owned()), ..Label::default() };
        let mut additions = Additions::default();
        additions.node(stage, [], Some(label.clone()));
        additions.node(stage, [], Some(label));
        Some(Event::Added { additions, at: Time::START })
    }

    fn a_body_adds_only_what_its_rule_declares(d) {
        let (rule, bound) = d.due.first().copied()?;
        let declared = d.model.rules[rule].adds.clone()?;
        let stage = (0..STAGES).find(|stage| !declared.iter().any(|(declared, _)| declared == stage))?;
        let mut additions = d.model.body(rule, bound)?.additions();
        match d.chance.below(2) {
            0 => additions.node(stage_id(stage), [], None),
            _ => additions.rule(RuleSpec::new("inner", Adds::only([stage_id(stage)]))),
        }
        Some(fired(d, rule, bound, additions))
    }

    fn a_rule_does_not_wait_for_a_node_that_does_not_exist(d) {
        let node = node_id(d.model.nodes.len() + d.chance.below(3));
        let mut additions = Additions::default();
        additions.rule(RuleSpec::new("early", Adds::only([])).when(Condition::Done(node)));
        Some(Event::Added { additions, at: Time::START })
    }

    fn two_rules_do_not_feed_one_node(d) {
        let mut additions = Additions::default();
        additions.open_node(stage_id(d.open_stage()?), [], None);
        let open = node_id(d.model.nodes.len());
        for name in ["one", "two"] {
            additions.rule(RuleSpec::new(name, Adds::only([])).feeding(open));
        }
        Some(Event::Added { additions, at: Time::START })
    }

    fn a_rule_feeds_only_an_open_node(d) {
        let closed = d.pick(|d, node| !d.model.nodes[node].open);
        let open = closed.unwrap_or(d.model.nodes.len()) + d.chance.below(2) * d.model.nodes.len();
        let mut additions = Additions::default();
        additions.rule(RuleSpec::new("feeds", Adds::only([])).feeding(node_id(open)));
        Some(Event::Added { additions, at: Time::START })
    }

    fn a_run_starts_once(d) {
        Some(Event::RunStarted { at: d.at })
    }

    fn a_run_does_not_end_while_a_node_may_run(d) {
        d.model.unsettled().next()?;
        Some(Event::RunEnded { at: d.at })
    }

    fn a_stage_does_not_close_while_something_leads_to_it(d) {
        let (unsettled, at) = (d.model.unsettled().count(), d.at);
        let sources = d.model.sources();
        let stage = (0..STAGES).find(|stage| sources.bring(*stage) && !d.model.closed[*stage] && unsettled > 0)?;
        Some(Event::Closed { stage: stage_id(stage), under: None, at_rest: d.chance.below(2) == 0, at })
    }

    fn a_stage_does_not_close_twice(d) {
        let (stage, at) = ((0..STAGES).find(|stage| d.model.closed[*stage])?, d.at);
        Some(Event::Closed { stage: stage_id(stage), under: None, at_rest: false, at })
    }

    fn nothing_happens_after_the_end(d) {
        let stage = stage_id(d.open_stage()?);
        let mut additions = Additions::default();
        additions.node(stage, [], None);
        d.ended.then_some(())?;
        Some(match d.chance.below(3) {
            0 => Event::RunEnded { at: d.at },
            1 => Event::Closed { stage, under: None, at_rest: true, at: d.at },
            _ => Event::Added { additions, at: Time::START },
        })
    }
}

/// A node starts, succeeds, fails or is skipped.
fn change(driver: &mut Driver, node: impl Into<Which>, kind: usize) -> Event {
    let (Which(node), at) = (node.into(), driver.at);
    let failed = (0..driver.model.nodes.len()).find(|node| driver.model.nodes[*node].end == Some(End::Failed));
    match kind {
        0 => Event::Started { node, at },
        1 => Event::Succeeded { node, at },
        2 => Event::Failed { node, error: NodeError::new("node", "stage", Cause::Panic("lie".into())), at },
        _ => Event::Skipped { node, because: node_id(failed.unwrap_or(0)), at },
    }
}

struct Which(NodeId);

impl From<usize> for Which {
    fn from(node: usize) -> Self {
        Self(node_id(node))
    }
}

impl From<NodeId> for Which {
    fn from(node: NodeId) -> Self {
        Self(node)
    }
}

pub(crate) fn fired(driver: &Driver, rule: usize, bound: Option<usize>, additions: Additions) -> Event {
    Event::Fired { rule: RuleId::from_index(rule), binding: bound.map(node_id), additions, at: driver.at }
}

pub(crate) fn failed(driver: &Driver, rule: usize, bound: Option<usize>) -> Event {
    let error = RuleError::new("rule", None, Cause::Panic("lie".into()));
    Event::RuleFailed { rule: RuleId::from_index(rule), binding: bound.map(node_id), error, at: driver.at }
}

impl Driver {
    /// A random node that satisfies the predicate.
    pub(crate) fn pick(&mut self, is: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let mut nodes: Vec<usize> = (0..self.model.nodes.len()).filter(|node| is(self, *node)).collect();
        self.chance.take(&mut nodes)
    }

    pub(crate) fn pick_rule(&mut self, is: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let mut rules: Vec<usize> = (0..self.model.rules.len()).filter(|rule| is(self, *rule)).collect();
        self.chance.take(&mut rules)
    }

    pub(crate) fn open_stage(&self) -> Option<usize> {
        (0..STAGES).find(|stage| !self.model.closed[*stage])
    }
}
