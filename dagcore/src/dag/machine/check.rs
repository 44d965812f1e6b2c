//! What cannot have happened: each event is held against the state before it changes anything.

use super::{Closed, Machine, Refused};
use crate::dag::adds::Adds;
use crate::dag::event::{Additions, Event, Need};
use crate::dag::id::{NodeId, RuleId};
use crate::dag::kind::NodeState;
use crate::dag::rule::{Binding, Condition, Each, Phase, RuleRecord, RuleSpec};
use std::collections::HashSet;

impl Machine {
    #[inline]
    pub(super) fn check(&self, event: &Event) -> Result<(), Refused> {
        if self.ended.is_some() {
            return refuse("the run has ended");
        }
        match event {
            Event::Added { additions } => self.check_additions(additions, None),
            Event::RunStarted { .. } if self.started => refuse("the run has started already"),
            Event::RunStarted { .. } => Ok(()),
            Event::Started { node, .. } => self.check_state(*node, NodeState::Ready),
            Event::Succeeded { node, .. } => self.check_state(*node, NodeState::Running),
            Event::Failed { node, .. } if self.orphans.contains(node) => self.check_state(*node, NodeState::Waiting),
            Event::Failed { node, .. } => self.check_state(*node, NodeState::Running),
            Event::Skipped { node, because, .. } => self.check_skip(*node, *because),
            Event::Asked { rule, .. } if self.may_be_asked(*rule) => Ok(()),
            Event::Asked { .. } => refuse("the rule has no predicate to ask"),
            Event::Fired { rule, binding, additions, .. } => {
                self.check_additions(additions, Some(self.check_due(*rule, *binding)?))
            }
            Event::RuleFailed { rule, binding: None, .. } if self.may_be_asked(*rule) => Ok(()),
            Event::RuleFailed { rule, binding, .. } => self.check_due(*rule, *binding).map(drop),
            Event::Closed { stage, .. } if self.is_closed(*stage) => refuse("the stage has closed already"),
            Event::Closed { at_rest: true, .. } if self.unsettled > 0 => refuse("the run is not at rest"),
            Event::Closed { at_rest: false, stage, .. } if self.closing.is_open(*stage) => refuse("the stage is open"),
            Event::Closed { .. } if !self.started => refuse("the run has not started"),
            Event::Closed { .. } => Ok(()),
            Event::RunStopped { .. } if self.started => Ok(()),
            Event::RunStopped { .. } => refuse("the run has not started"),
            Event::RunEnded { .. } if self.started && self.is_idle() => Ok(()),
            Event::RunEnded { .. } => refuse("something can still happen"),
        }
    }

    #[inline]
    fn check_state(&self, node: NodeId, wanted: NodeState) -> Result<(), Refused> {
        match self.graph.state(node) {
            Some(state) if state == wanted => Ok(()),
            Some(state) => Err(Refused(format!("node `{}` is {state}, not {wanted}", self.graph.name(node)))),
            None => Err(Refused(format!("there is no node {node}"))),
        }
    }

    fn check_skip(&self, node: NodeId, because: NodeId) -> Result<(), Refused> {
        self.check_state(node, NodeState::Waiting)?;
        let whole = !self.graph.nodes[node.index()].open || self.graph.nodes[node.index()].waiting == 0;
        let lost = |parent: NodeId| {
            let state = self.graph.state(parent);
            let lost = matches!(state, Some(NodeState::Failed | NodeState::Skipped));
            lost && self.graph.culprit(parent) == because
        };
        let own = self.graph.own_parents(node).any(|edge| edge.need == Need::Success && lost(edge.from));
        let element = || self.graph.gathered(node).is_some_and(|mut elements| elements.any(lost));
        if own || (whole && element()) {
            return Ok(());
        }
        Err(Refused(format!("node `{}` needs nothing that failed because of {because}", self.graph.name(node))))
    }

    fn may_be_asked(&self, rule: RuleId) -> bool {
        let record = self.rules.get(rule);
        record.is_some_and(|rule| rule.spec.predicate && !rule.predicate_held && rule.phase == Phase::Armed)
    }

    fn check_due(&self, rule: RuleId, binding: Binding) -> Result<&RuleRecord, Refused> {
        let Some(record) = self.rules.get(rule) else { return Err(Refused(format!("there is no rule {rule}"))) };
        let due = match (record.spec.each, binding) {
            (Each::Once, None) => record.phase == Phase::Due,
            (Each::Succeeded(stage), Some(node)) => {
                self.found(rule, record, node, NodeState::Succeeded) && self.graph.stage(node) == Some(stage)
            }
            (Each::Failed(stage), Some(node)) => {
                self.found(rule, record, node, NodeState::Failed) && self.graph.stage(node) == Some(stage)
            }
            (Each::Once, Some(_)) | (_, None) => false,
        };
        if due { Ok(record) } else { Err(Refused(format!("rule `{}` is not due", record.spec.name))) }
    }

    /// Whether an `each` rule has found this node and not been applied to it.
    fn found(&self, rule: RuleId, record: &RuleRecord, node: NodeId, wanted: NodeState) -> bool {
        self.graph.state(node) == Some(wanted)
            && record.phase == Phase::Armed
            && record.unmet == 0
            && !self.graph.firings_of(node).any(|(_, firing)| firing.rule == rule)
            && !record.failed.contains(&Some(node))
            && record.spec.within.is_none_or(|most| self.graph.times_along(rule, node) < most)
    }

    /// Whether a rule can be registered together with these nodes, some of which others `fed` before it.
    fn check_rule(&self, spec: &RuleSpec, with: &Additions, fed: &mut HashSet<NodeId>) -> Result<(), Refused> {
        let nodes = self.graph.len() + with.nodes.len();
        let mut waited = spec.conditions.iter().filter_map(|condition| match condition {
            Condition::Done(node) | Condition::Settled(node) | Condition::Failed(node) => Some(*node),
            _ => None,
        });
        if let Some(node) = waited.find(|node| node.index() >= nodes) {
            return Err(Refused(format!("rule `{}` waits for node {node}, which does not exist", spec.name)));
        }
        let is_open = |open: NodeId| match open.index().checked_sub(self.graph.len()) {
            None => self.graph.nodes[open.index()].open && self.graph.gathered(open).is_none(),
            Some(new) => with.nodes.get(new).is_some_and(|node| node.open),
        };
        let mut alone = |open: NodeId| fed.insert(open) && !self.feeders.contains(&open) && spec.each == Each::Once;
        match spec.feeds.filter(|open| !(is_open(*open) && alone(*open))) {
            Some(open) => Err(Refused(format!("rule `{}` cannot be the one that feeds node {open}", spec.name))),
            None => Ok(()),
        }
    }

    fn check_additions(&self, additions: &Additions, rule: Option<&RuleRecord>) -> Result<(), Refused> {
        let base = self.graph.len();
        let mut edges = additions.edges.iter();
        let (mut keys, mut fed) = (HashSet::new(), HashSet::new());
        for (index, node) in additions.nodes.iter().enumerate() {
            for edge in edges.by_ref().take(node.edges as usize) {
                let from = edge.from.index();
                if from >= base + index {
                    return Err(Refused(format!("a node needs node {}, which is not older than itself", edge.from)));
                }
                let open = rule.and_then(|rule| rule.spec.feeds);
                if open.is_some_and(|open| from >= open.index() && from < base) {
                    let (needed, list) = (self.graph.name(edge.from), open.map(|open| self.graph.name(open)));
                    return Err(Refused(format!(
                        "an element of `{}` needs `{needed}`, which was added after it and may need the list itself: \
                         let elements need only nodes that were added before the `map`",
                        list.unwrap_or_default()
                    )));
                }
            }
            let stage = || self.graph.stage_info(node.stage).name; // asked for a message only
            // The list of a map is no stage of the user's, and nothing can wait for it to close.
            if let Some(rule) = rule.filter(|rule| !node.open && !rule.spec.adds.allows(node.stage)) {
                return Err(Refused(format!(
                    "rule `{}` adds a `{}`, which its `adds [..]` does not name",
                    rule.spec.name,
                    stage()
                )));
            }
            if let Some(closed) = self.closed.get(&node.stage) {
                return Err(Refused(self.late(stage(), *closed, rule)));
            }
            let key = additions.labels.get(node.label as usize).and_then(|label| label.key.as_deref());
            if let Some(key) = key {
                if self.graph.keyed(node.stage, key).is_some() || !keys.insert((node.stage, key)) {
                    return Err(Refused(format!("there is a `{}` with the key `{key}` already", stage())));
                }
            }
        }
        for inner in &additions.rules {
            if let Some(rule) = rule.filter(|rule| !rule.spec.adds.covers(&inner.adds)) {
                return Err(Refused(self.undeclared(rule, inner)));
            }
            self.check_rule(inner, additions, &mut fed)?;
        }
        Ok(())
    }

    fn undeclared(&self, rule: &RuleRecord, inner: &RuleSpec) -> String {
        let name = |stage| self.graph.stage_info(stage).name;
        let (outer, inner_name) = (&rule.spec.name, &inner.name);
        match &inner.adds {
            Adds::Anything => format!(
                "rule `{outer}` registers `{inner_name}`, which does not say what it adds, while `{outer}` does: \
                 write `adds [..]` in `{inner_name}` too"
            ),
            Adds::Only(list) => {
                let missing = list.iter().find(|addition| !rule.spec.adds.covers_one(**addition));
                let stage = missing.map_or("?", |addition| name(addition.stage));
                if missing.is_some_and(|addition| rule.spec.adds.allows(addition.stage)) {
                    return format!(
                        "rule `{outer}` declares `{stage} by key` and registers `{inner_name}`, which declares it \
                         without: write `{stage} by key` in `{inner_name}` too"
                    );
                }
                format!(
                    "rule `{outer}` registers `{inner_name}`, which may add a `{stage}` that `{outer}` does not \
                     declare: write `{stage}` in the `adds [..]` of `{outer}` too"
                )
            }
        }
    }

    fn late(&self, stage: &str, closed: Closed, rule: Option<&RuleRecord>) -> String {
        let who = rule.map_or("the program".to_owned(), |rule| format!("rule `{}`", rule.spec.name));
        let why = if closed.at_rest {
            "closed when the run was at rest"
        } else {
            "had closed, because nothing that was known could add one"
        };
        let declares = rule.is_some_and(|rule| matches!(rule.spec.adds, Adds::Only(_)));
        let mend = if declares {
            "a rule must not wait, directly or through others, for the closing of a stage that it adds, and a name or \
             a predicate must come true before"
        } else {
            "let the rule declare it in `adds [..]`"
        };
        format!("{who} adds a `{stage}` (event {}), but `{stage}` {why} (event {}): {mend}", self.events, closed.event)
    }
}

fn refuse(why: &str) -> Result<(), Refused> {
    Err(Refused(why.to_owned()))
}
