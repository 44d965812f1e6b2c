//! Compares the derived state and the returned work of the machine with the model.

use super::driver::{Bound, Driver, ensure};
use super::model::End;
use super::program::{NAMES, STAGES};
use super::random::Checked;
use super::told::{describe, node_id, reads, stage_id};
use dagcore::dag::{Cause, Event, NodeId, NodeState, Place, RuleError, RuleId, StageId};
use std::collections::BTreeSet;

impl Driver {
    /// Applies the automatic consequences, and compares the work that the machine returns.
    pub(crate) fn follow(&mut self) -> Checked {
        loop {
            while let Some(event) = self.machine.consequence(self.at) {
                self.check_consequence(&event)?;
                self.tell(&event)?;
                self.take_unread()?;
                self.compare()?;
            }
            let Some(rule) = self.machine.next_ask() else { break };
            self.ask(rule.index())?;
        }
        let unheard = self.model.unheard();
        ensure!(unheard.is_empty(), "the predicates of rules {unheard:?} would return `true` and are not evaluated");
        for node in self.model.unsettled() {
            let told = self.model.nodes[node].started;
            let skip = !told && !self.model.skip_causes(node).is_empty();
            ensure!(!skip, "node {node} is not skipped");
            ensure!(!self.model.orphaned(node), "node {node} waits for a rule that failed");
        }
        let sources = self.model.sources();
        for stage in (0..STAGES).filter(|stage| !self.model.closed[*stage] && self.model.is_watched(*stage)) {
            ensure!(sources.bring(stage), "`{}` is not closed, though nothing can add to it", NAMES[stage]);
        }
        for (stage, above) in self.model.watched_below() {
            let open = !self.model.closed_below.contains(&(stage, above));
            ensure!(
                !open || sources.bring_below(stage, above),
                "`{}` is not closed below node {above}, though nothing can add to it there",
                NAMES[stage]
            );
        }
        self.take()?;
        self.take_unread()?;
        self.compare()
    }

    fn ask(&mut self, rule: usize) -> Checked {
        let (id, this) = (RuleId::from_index(rule), &self.model.rules[rule]);
        ensure!(self.model.is_armed(rule) && !this.said_yes, "the predicate of rule {rule} is evaluated needlessly");
        let Some(ask) = &this.ask else { return Err(format!("rule {rule} has no predicate")) };
        let (held, reads) = (self.model.says(ask), reads(ask));
        if held && this.plan.ask_fails {
            let error = RuleError::new("rule", None, Cause::Panic("asked".into()));
            self.tell(&Event::RuleFailed { rule: id, binding: None, error, at: self.at })?;
            self.model.rules[rule].broken = true;
        } else {
            self.tell(&Event::Evaluated { rule: id, held, reads, at: self.at })?;
            self.model.rules[rule].said_yes = held;
        }
        Ok(())
    }

    fn check_consequence(&mut self, event: &Event) -> Checked {
        match event {
            Event::Skipped { node, because, .. } => {
                let causes = self.model.skip_causes(node.index());
                ensure!(causes.contains(&because.index()), "node {node} is skipped because of {because}: {causes:?}");
                ensure!(
                    self.model.state(node.index()) == NodeState::Waiting,
                    "node {node} is skipped, and did not wait"
                );
                self.model.nodes[node.index()].end = Some(End::Skipped(because.index()));
            }
            Event::Failed { node, .. } => {
                ensure!(self.model.orphaned(node.index()), "node {node} fails by itself");
                ensure!(self.model.state(node.index()) == NodeState::Waiting, "node {node} fails, and did not wait");
                self.model.nodes[node.index()].end = Some(End::Failed);
            }
            Event::Closed { stage, under: None, at_rest: false, .. } => {
                let stage = stage.index();
                let name = NAMES[stage];
                ensure!(
                    self.model.is_watched(stage) && !self.model.closed[stage],
                    "`{name}` closes, and no rule waits for it"
                );
                ensure!(!self.model.sources().bring(stage), "`{name}` closes, and something can still add to it");
                self.model.closed[stage] = true;
            }
            Event::Closed { stage, under: Some(above), at_rest: false, .. } => {
                let (stage, above) = (stage.index(), above.index());
                let name = NAMES[stage];
                ensure!(
                    self.model.is_watched_below(stage, above),
                    "`{name}` closes below node {above}, and no rule waits for it"
                );
                let open = self.model.sources().bring_below(stage, above);
                ensure!(!open, "`{name}` closes below node {above}, and something can still add to it");
                ensure!(self.model.closed_below.insert((stage, above)), "`{name}` closes twice below node {above}");
            }
            other => return Err(format!("unexpected consequence: {other:?}")),
        }
        Ok(())
    }

    /// Takes all work from the machine, and checks it against the model.
    fn take(&mut self) -> Checked {
        while let Some(due) = self.machine.next_due() {
            self.due.push((due.rule.index(), due.binding.map(NodeId::index)));
        }
        for place in [Place::Async, Place::Compute, Place::Blocking, Place::Inline] {
            let (count, first) = (self.machine.ready(place), self.machine.peek_ready(place));
            let before = self.ready.len();
            while let Some(node) = self.machine.take_ready(place) {
                let here = describe(stage_id(self.model.nodes[node.index()].stage)).place;
                ensure!(here == place, "node {node} is ready at {place:?}");
                self.ready.push(node.index());
            }
            ensure!(self.ready.len() - before == count, "{count} nodes are ready, but a different number was returned");
            ensure!(
                self.ready.get(before).copied() == first.map(NodeId::index),
                "the machine returned a different node than it peeked"
            );
        }
        let due: BTreeSet<Bound> = self.due.iter().copied().collect();
        let expected = self.model.due();
        ensure!(
            due == expected && due.len() == self.due.len(),
            "the due rules are {:?}, expected {expected:?}",
            self.due
        );
        let ready: BTreeSet<usize> = self.ready.iter().copied().collect();
        let state = |node: &usize| self.model.state(*node);
        let expected: BTreeSet<usize> = self.model.unsettled().filter(|n| state(n) == NodeState::Ready).collect();
        ensure!(ready == expected && ready.len() == self.ready.len(), "ready {:?}, not {expected:?}", self.ready);
        ensure!(!self.machine.has_due(), "a due rule was not returned");
        Ok(())
    }

    /// Nothing is running or ready: the lowest stratum closes, or the run ends.
    pub(crate) fn rest(&mut self) -> Checked {
        let Some(events) = self.machine.at_rest(self.at) else { return Err("nothing moves, and no rest".to_owned()) };
        ensure!(!events.is_empty(), "the machine is at rest, but returned no event");
        let mut closing = BTreeSet::new();
        for event in &events {
            match event {
                Event::Closed { stage, under, at_rest: true, .. } => {
                    closing.insert((stage.index(), under.map(NodeId::index)));
                }
                Event::RunEnded { .. } if events.len() == 1 => self.ended = true,
                other => return Err(format!("unexpected event at rest: {other:?}")),
            }
        }
        self.check_rest(&closing)?;
        for (stage, under) in closing {
            match under {
                None => self.model.closed[stage] = true,
                Some(above) => drop(self.model.closed_below.insert((stage, above))),
            }
        }
        events.iter().try_for_each(|event| self.tell(event))?;
        self.take_unread()?;
        self.compare()
    }

    /// Checks that some rule waits for each stage that closes at rest, and that no rule that waits for anything else
    /// may still add to it.
    fn check_rest(&self, closing: &BTreeSet<(usize, Option<usize>)>) -> Checked {
        let leads = self.model.leads();
        let rules = 0..self.model.rules.len();
        let waited: BTreeSet<_> = rules.clone().flat_map(|rule| self.model.waits_for(rule)).collect();
        ensure!(closing.is_subset(&waited), "{closing:?} close, but rules wait only for {waited:?}");
        ensure!(closing.is_empty() == waited.is_empty(), "the run ends, but rules wait for {waited:?}");
        for rule in rules {
            let waits = self.model.waits_for(rule);
            let can_fire = !self.model.found(rule).is_empty();
            let later = waits.iter().any(|stage| !closing.contains(stage));
            let adds = closing.iter().find(|(stage, _)| self.model.may_add(rule, *stage, &leads));
            let wrong = if can_fire && later { adds } else { None };
            ensure!(wrong.is_none(), "{closing:?} close, but rule {rule} waits for {waits:?} and may add {wrong:?}");
        }
        Ok(())
    }

    /// Nodes, firing counts and closed stages are equal.
    pub(crate) fn compare(&self) -> Checked {
        let (graph, model) = (self.machine.graph(), &self.model);
        ensure!(graph.len() == model.nodes.len(), "{} nodes, not {}", graph.len(), model.nodes.len());
        ensure!(self.machine.rules() == model.rules.len(), "the number of rules differs");
        for node in 0..model.nodes.len() {
            let (is, expected) = (graph.state(node_id(node)), model.state(node));
            ensure!(is == Some(expected), "node {node} is {is:?}, not {expected:?}");
        }
        for (index, rule) in model.rules.iter().enumerate() {
            let fired = self.machine.fired(RuleId::from_index(index)) as usize;
            ensure!(fired == rule.fired.len(), "rule {index} fired {fired} times, not {}", rule.fired.len());
        }
        for (stage, expected) in model.closed.iter().enumerate() {
            let closed = self.machine.is_closed(StageId::from_index(stage));
            ensure!(closed == *expected, "`{}`: closed is {closed}", NAMES[stage]);
        }
        self.truth.as_ref().map_or(Ok(()), |truth| truth.check(self))
    }
}
