//! The state machine of a run.
//!
//! The engine tells it what happened with [`Machine::apply`], the only way in, live and on replay alike; and
//! asks what follows: [`Machine::consequence`] until there is none, then [`Machine::next_ask`] and
//! [`Machine::next_due`] for the user's code that is to be run, [`Machine::take_ready`] for the nodes that can
//! start, and [`Machine::at_rest`] when there is nothing left. Nothing here scans the nodes or the rules.

use super::closing::Closing;
use super::event::{Additions, Binding, Edge, Event, Need, Reads};
use super::failure::{Cause, NodeError};
use super::graph::{Graph, NodeState, Place, StageInfo};
use super::id::{FiringId, NodeId, RuleId, StageId, Time};
use super::rest;
use super::rule::{Condition, Each, Phase, RuleRecord, RuleSpec, Rules, Unfired};
use super::watch::Watches;
use std::collections::{HashMap, VecDeque};
use std::fmt;

/// A rule whose body is to be run, and what it is to be applied to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// The rule.
    pub rule: RuleId,
    /// The node of an `each` rule.
    pub binding: Binding,
}

/// An event that cannot have happened. Nothing was changed; the text says why not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// How a stage closed: the event's number, and whether the run was at rest.
#[derive(Clone, Copy, Debug)]
struct Closed {
    event: u64,
    at_rest: bool,
}

/// Everything that is true of a run.
pub struct Machine {
    graph: Graph,
    rules: Rules,
    watches: Watches,
    closing: Closing,
    closed: HashMap<StageId, Closed>,
    ready: [VecDeque<NodeId>; 4],
    /// Nodes that will be skipped, and the failed node because of which.
    doomed: VecDeque<(NodeId, NodeId)>,
    /// Open nodes whose rule failed.
    orphaned: VecDeque<(NodeId, Cause)>,
    due: VecDeque<Due>,
    ask: Vec<RuleId>,
    running: usize,
    /// Rules handed out by `next_due` that have neither fired nor failed yet.
    firing: usize,
    events: u64,
    started: bool,
    ended: Option<Time>,
}

impl Machine {
    /// A run in which nothing has happened. `describe` says what there is to know of a stage.
    pub fn new(describe: fn(StageId) -> StageInfo) -> Self {
        Self {
            graph: Graph::new(describe),
            rules: Rules::default(),
            watches: Watches::default(),
            closing: Closing::default(),
            closed: HashMap::new(),
            ready: Default::default(),
            doomed: VecDeque::new(),
            orphaned: VecDeque::new(),
            due: VecDeque::new(),
            ask: Vec::new(),
            running: 0,
            firing: 0,
            events: 0,
            started: false,
            ended: None,
        }
    }

    /// The nodes and edges.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Takes in what happened.
    ///
    /// # Errors
    ///
    /// When it cannot have happened: an unknown node, a second end of a node, a firing that adds what it must
    /// not. Nothing is changed then.
    pub fn apply(&mut self, event: &Event) -> Result<(), Refused> {
        match event {
            Event::Added { additions } => {
                self.check_additions(additions, None)?;
                self.add(additions, RuleId::NONE, None, None);
                self.closing.refresh();
            }
            Event::RunStarted { .. } => self.started = true,
            Event::Started { node, at } => self.start(*node, *at)?,
            Event::Succeeded { node, at } => self.succeed(*node, *at)?,
            Event::Failed { node, error, at } => self.fail(*node, error, *at)?,
            Event::Skipped { node, because, at } => self.skip(*node, *because, *at)?,
            Event::Asked { rule, held, reads } => self.asked(*rule, *held, reads)?,
            Event::Fired { rule, binding, additions, .. } => self.fire(*rule, *binding, additions)?,
            Event::RuleFailed { rule, binding, error, .. } => {
                self.check_due(*rule, *binding)?;
                if let Some(open) = self.rules.records[rule.index()].spec.feeds {
                    self.orphaned.push_back((open, error.cause().clone()));
                }
                self.spend(*rule, *binding);
            }
            Event::Closed { stage, at_rest, .. } => self.close(*stage, *at_rest),
            Event::RunEnded { at } => self.ended = Some(*at),
        }
        self.events += 1;
        Ok(())
    }

    /// The next event that follows from the last ones by itself; the caller applies it.
    #[must_use]
    pub fn consequence(&mut self, at: Time) -> Option<Event> {
        while let Some((node, because)) = self.doomed.pop_front() {
            if !self.graph.nodes[node.index()].state.is_settled() {
                return Some(Event::Skipped { node, because, at });
            }
        }
        while let Some((node, cause)) = self.orphaned.pop_front() {
            if !self.graph.nodes[node.index()].state.is_settled() {
                let stage = self.graph.stage_info(self.graph.nodes[node.index()].stage).name;
                let error = NodeError::new(self.graph.name(node), stage, cause);
                return Some(Event::Failed { node, error, at });
            }
        }
        if !self.started {
            return None;
        }
        self.closing.closable().map(|stage| Event::Closed { stage, at_rest: false, at })
    }

    /// A rule whose predicate is to be asked. The caller applies [`Event::Asked`], or [`Event::RuleFailed`].
    #[must_use]
    pub fn next_ask(&mut self) -> Option<RuleId> {
        while let Some(rule) = self.ask.pop() {
            let record = &mut self.rules.records[rule.index()];
            record.to_ask = false;
            if record.phase == Phase::Armed && !record.predicate_held {
                return Some(rule);
            }
        }
        None
    }

    /// A rule whose body is to be run. The caller applies [`Event::Fired`] or [`Event::RuleFailed`].
    #[must_use]
    pub fn next_due(&mut self) -> Option<Due> {
        let due = self.due.pop_front()?;
        self.firing += 1;
        Some(due)
    }

    /// Whether a body or a predicate is to be run.
    pub fn has_due(&self) -> bool {
        !self.due.is_empty() || !self.ask.is_empty()
    }

    /// The next node that can start at `place`. The caller applies [`Event::Started`].
    #[must_use]
    pub fn take_ready(&mut self, place: Place) -> Option<NodeId> {
        self.ready[place as usize].pop_front()
    }

    /// The node that [`Self::take_ready`] would give.
    pub fn peek_ready(&self, place: Place) -> Option<NodeId> {
        self.ready[place as usize].front().copied()
    }

    /// How many nodes could start at `place`.
    pub fn ready(&self, place: Place) -> usize {
        self.ready[place as usize].len()
    }

    /// What follows when nothing runs and nothing is ready: the lowest open stratum closes, or the run ends.
    /// `None` when something can still happen.
    #[must_use]
    pub fn at_rest(&self, at: Time) -> Option<Vec<Event>> {
        let busy = self.running > 0
            || self.firing > 0
            || self.has_due()
            || !self.doomed.is_empty()
            || !self.orphaned.is_empty()
            || self.ready.iter().any(|queue| !queue.is_empty());
        if busy || self.ended.is_some() {
            return None;
        }
        let stages = rest::lowest_stratum(&self.rules, &self.closing);
        if stages.is_empty() {
            return Some(vec![Event::RunEnded { at }]);
        }
        Some(stages.into_iter().map(|stage| Event::Closed { stage, at_rest: true, at }).collect())
    }

    /// When the run ended.
    pub fn ended(&self) -> Option<Time> {
        self.ended
    }

    /// How many events there have been.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The number of rules.
    pub fn rules(&self) -> usize {
        self.rules.records.len()
    }

    /// A rule's name.
    pub fn rule_name(&self, rule: RuleId) -> &str {
        self.rules.get(rule).map_or("", |record| &record.spec.name)
    }

    /// What a rule may add; `None` when there is no such rule.
    pub fn rule_spec(&self, rule: RuleId) -> Option<&RuleSpec> {
        self.rules.get(rule).map(|record| &record.spec)
    }

    /// How often a rule has fired.
    pub fn fired(&self, rule: RuleId) -> u32 {
        self.rules.get(rule).map_or(0, |record| record.fired)
    }

    /// Whether no further node of `stage` can appear.
    pub fn is_closed(&self, stage: StageId) -> bool {
        self.closing.is_closed(stage)
    }

    /// The nodes of `stage` in the order of the lineage, which is the same in every run.
    pub fn in_lineage_order(&self, stage: StageId) -> Vec<NodeId> {
        self.graph.in_lineage_order(stage, &self.rules)
    }

    /// What a rule still waits for, or why it cannot fire; empty for a rule that fired or failed.
    pub fn unfired(&self, rule: RuleId) -> Vec<Unfired> {
        let Some(record) = self.rules.get(rule) else { return Vec::new() };
        if record.fired > 0 || record.phase == Phase::Spent {
            return Vec::new();
        }
        if let Some(condition) = &record.dead {
            return vec![self.reason(condition)];
        }
        let open = record.spec.conditions.iter().filter(|condition| self.holds(condition) != Some(true));
        let mut reasons: Vec<Unfired> = open.map(|condition| self.reason(condition)).collect();
        let found_none = |stage: StageId, wanted| Unfired::NoNode { stage: self.graph.stage_info(stage).name, wanted };
        match record.spec.each {
            Each::Succeeded(stage) if record.held.is_empty() => reasons.push(found_none(stage, "succeeded")),
            Each::Failed(stage) if record.held.is_empty() => reasons.push(found_none(stage, "failed")),
            _ => {}
        }
        if record.spec.predicate && !record.predicate_held {
            reasons.push(Unfired::Predicate);
        }
        if reasons.is_empty() {
            reasons.push(Unfired::RunEnded);
        }
        reasons
    }

    fn reason(&self, condition: &Condition) -> Unfired {
        let name = |stage: &StageId| self.graph.stage_info(*stage).name;
        let count = |stage: &StageId, done, found, wanted| Unfired::Count { stage: name(stage), done, found, wanted };
        match condition {
            Condition::Done(node) => self.dead_reason(*node, "succeed"),
            Condition::Failed(node) => self.dead_reason(*node, "fail"),
            Condition::Settled(node) => self.dead_reason(*node, "end"),
            Condition::Count(stage, wanted) => count(stage, false, self.graph.nodes_of(*stage).len(), *wanted),
            Condition::CountDone(stage, wanted) => count(stage, true, self.graph.succeeded_of(*stage), *wanted),
            Condition::Named(wanted) => Unfired::Unnamed(wanted.clone()),
            Condition::Closed(stage) => Unfired::Open { stage: name(stage) },
        }
    }

    fn dead_reason(&self, node: NodeId, wanted: &'static str) -> Unfired {
        let was = match self.graph.state(node) {
            Some(NodeState::Skipped) => "was skipped".to_owned(),
            Some(NodeState::Waiting | NodeState::Ready) => "has not run".to_owned(),
            Some(NodeState::Running) => "is still running".to_owned(),
            Some(state) => state.to_string(),
            None => "does not exist".to_owned(),
        };
        Unfired::Dead { node: self.graph.name(node), wanted, was }
    }

    /// Whether a condition holds: `Some(false)` when it never can.
    fn holds(&self, condition: &Condition) -> Option<bool> {
        let settled = |node: &NodeId, good: fn(NodeState) -> bool| {
            let state = self.graph.state(*node)?;
            state.is_settled().then(|| good(state))
        };
        match condition {
            Condition::Done(node) => settled(node, |state| state == NodeState::Succeeded),
            Condition::Failed(node) => settled(node, |state| state == NodeState::Failed),
            Condition::Settled(node) => settled(node, |_| true),
            Condition::Count(stage, wanted) => (self.graph.nodes_of(*stage).len() >= *wanted).then_some(true),
            Condition::CountDone(stage, wanted) => (self.graph.succeeded_of(*stage) >= *wanted).then_some(true),
            Condition::Named(name) => (!self.graph.named(name).is_empty()).then_some(true),
            Condition::Closed(stage) => self.is_closed(*stage).then_some(true),
        }
    }

    fn node(&self, node: NodeId, allowed: &[NodeState]) -> Result<(), Refused> {
        match self.graph.state(node) {
            Some(state) if allowed.contains(&state) => Ok(()),
            Some(state) => Err(Refused(format!("node `{}` is {state} already", self.graph.name(node)))),
            None => Err(Refused(format!("there is no node {node}"))),
        }
    }

    #[inline]
    fn start(&mut self, node: NodeId, at: Time) -> Result<(), Refused> {
        self.node(node, &[NodeState::Ready])?;
        let record = &mut self.graph.nodes[node.index()];
        record.state = NodeState::Running;
        record.started = at;
        let watched = record.watched;
        self.running += 1;
        if watched {
            self.watches.node_changed(node, &mut self.rules, &mut self.ask);
        }
        Ok(())
    }

    fn succeed(&mut self, node: NodeId, at: Time) -> Result<(), Refused> {
        self.node(node, &[NodeState::Running])?;
        self.running -= 1;
        let stage = self.settle(node, NodeState::Succeeded, at);
        self.release_children(node, None);
        let entry = &mut self.graph.stages[stage.index()];
        entry.succeeded += 1;
        let succeeded = entry.succeeded;
        while let Some(rule) = self.watches.count_done_reached(stage, succeeded) {
            self.met(rule);
        }
        let each = self.watches.stage(stage).map_or(0, |watch| watch.each.len());
        for index in 0..each {
            if let Some(rule) = self.watches.stage(stage).map(|watch| watch.each[index]) {
                self.bind(rule, node);
            }
        }
        self.settled(node, stage);
        Ok(())
    }

    fn fail(&mut self, node: NodeId, error: &NodeError, at: Time) -> Result<(), Refused> {
        self.node(node, &[NodeState::Running, NodeState::Waiting])?;
        self.running -= usize::from(self.graph.nodes[node.index()].state == NodeState::Running);
        let stage = self.settle(node, NodeState::Failed, at);
        self.graph.errors.insert(node, error.clone());
        self.release_children(node, Some(node));
        for rule in self.watches.stage(stage).map(|watch| watch.each_failed.clone()).unwrap_or_default() {
            self.bind(rule, node);
        }
        self.settled(node, stage);
        Ok(())
    }

    fn skip(&mut self, node: NodeId, because: NodeId, at: Time) -> Result<(), Refused> {
        self.node(node, &[NodeState::Waiting])?;
        let stage = self.settle(node, NodeState::Skipped, at);
        self.graph.because.insert(node, because);
        self.release_children(node, Some(because));
        self.settled(node, stage);
        Ok(())
    }

    #[inline]
    fn settle(&mut self, node: NodeId, state: NodeState, at: Time) -> StageId {
        let record = &mut self.graph.nodes[node.index()];
        record.state = state;
        record.ended = at;
        record.stage
    }

    /// Tells the children that a parent ended: `failure` is the failed node when it did not succeed.
    #[inline]
    fn release_children(&mut self, node: NodeId, failure: Option<NodeId>) {
        let mut next = self.graph.first_child(node);
        while let Some((child, need, following)) = self.graph.child_at(next) {
            next = following;
            match failure {
                // Its count never comes to zero now, so nothing can make it ready before it is skipped.
                Some(because) if need == Need::Success => self.doomed.push_back((child, because)),
                _ => self.parent_ended(child),
            }
        }
    }

    #[inline]
    fn parent_ended(&mut self, child: NodeId) {
        let record = &mut self.graph.nodes[child.index()];
        record.waiting -= 1;
        if record.waiting == 0 && record.state == NodeState::Waiting {
            self.make_ready(child);
        }
    }

    #[inline]
    fn make_ready(&mut self, node: NodeId) {
        let record = &mut self.graph.nodes[node.index()];
        record.state = NodeState::Ready;
        if record.watched {
            self.watches.node_changed(node, &mut self.rules, &mut self.ask);
        }
        let record = &self.graph.nodes[node.index()];
        let place = self.graph.stages[record.stage.index()].info.map_or(Place::Inline, |info| info.place);
        self.ready[place as usize].push_back(node);
    }

    /// Tells the rules, and last of all the counters, that a node is settled.
    #[inline]
    fn settled(&mut self, node: NodeId, stage: StageId) {
        if self.graph.nodes[node.index()].watched {
            for (rule, condition) in self.watches.node_settled(node) {
                match self.holds(&condition) {
                    Some(true) => self.met(rule),
                    _ => self.kill(rule, condition),
                }
            }
            self.watches.node_changed(node, &mut self.rules, &mut self.ask);
        }
        self.watches.stage_changed(stage, &mut self.rules, &mut self.ask);
        self.closing.idle(stage, 1);
    }

    /// One more of a rule's conditions holds.
    fn met(&mut self, rule: RuleId) {
        let record = &mut self.rules.records[rule.index()];
        record.unmet -= 1;
        if record.unmet > 0 || record.phase != Phase::Armed {
            return;
        }
        if record.spec.each == Each::Once {
            record.phase = Phase::Due;
            self.due.push_back(Due { rule, binding: None });
        } else {
            let held = std::mem::take(&mut record.held);
            self.due.extend(held.into_iter().map(|node| Due { rule, binding: Some(node) }));
        }
    }

    /// An `each` rule found a node.
    fn bind(&mut self, rule: RuleId, node: NodeId) {
        let record = &self.rules.records[rule.index()];
        if record.phase != Phase::Armed
            || record.spec.within.is_some_and(|most| self.times_along_lineage(rule, node) >= most)
        {
            return;
        }
        self.closing.busy(self.graph.nodes[node.index()].stage, 1);
        let record = &mut self.rules.records[rule.index()];
        if record.unmet == 0 {
            self.due.push_back(Due { rule, binding: Some(node) });
        } else {
            record.held.push(node);
        }
    }

    fn times_along_lineage(&self, rule: RuleId, node: NodeId) -> u32 {
        let line = std::iter::successors(Some(node), |node| self.graph.lineage_parent(*node));
        let firings = line.filter_map(|node| self.graph.lineage.get(self.graph.nodes[node.index()].firing));
        firings.filter(|firing| firing.rule == rule).count() as u32
    }

    /// A rule can never fire any more.
    fn kill(&mut self, rule: RuleId, condition: Condition) {
        let record = &mut self.rules.records[rule.index()];
        if record.phase != Phase::Armed {
            return;
        }
        record.phase = Phase::Dead;
        record.dead = Some(condition);
        let held = std::mem::take(&mut record.held);
        if record.spec.each == Each::Once {
            self.closing.disarm(&record.spec);
        }
        for node in held {
            self.closing.idle(self.graph.nodes[node.index()].stage, 1);
        }
    }

    fn asked(&mut self, rule: RuleId, held: bool, reads: &Reads) -> Result<(), Refused> {
        let Some(record) = self.rules.records.get_mut(rule.index()) else {
            return Err(Refused(format!("there is no rule {rule}")));
        };
        record.asked += 1;
        if held {
            record.predicate_held = true;
            self.met(rule);
            return Ok(());
        }
        let asked = record.asked;
        self.watches.read(rule, asked, reads);
        for node in &reads.nodes {
            if let Some(record) = self.graph.nodes.get_mut(node.index()) {
                record.watched = true;
            }
        }
        Ok(())
    }

    fn check_due(&self, rule: RuleId, binding: Binding) -> Result<&RuleRecord, Refused> {
        let Some(record) = self.rules.get(rule) else { return Err(Refused(format!("there is no rule {rule}"))) };
        let fits = match (record.spec.each, binding) {
            (Each::Once, None) => matches!(record.phase, Phase::Due | Phase::Armed),
            (Each::Succeeded(stage) | Each::Failed(stage), Some(node)) => self.graph.stage(node) == Some(stage),
            // A predicate that fails is told without a node, and ends the whole rule.
            (Each::Succeeded(_) | Each::Failed(_), None) => true,
            (Each::Once, Some(_)) => false,
        };
        if fits { Ok(record) } else { Err(Refused(format!("rule `{}` cannot fire here", record.spec.name))) }
    }

    fn fire(&mut self, rule: RuleId, binding: Binding, additions: &Additions) -> Result<(), Refused> {
        let record = self.check_due(rule, binding)?;
        self.check_additions(additions, Some(record))?;
        let (feeds, about) = (record.spec.feeds, binding.or_else(|| record.spec.about()));
        let firing = self.add(additions, rule, binding, about);
        if let Some(open) = feeds {
            self.graph.feed(open, firing);
            self.graph.nodes[open.index()].waiting += additions.len() as u32;
            self.parent_ended(open); // the rule itself
        }
        self.rules.records[rule.index()].fired += 1;
        self.spend(rule, binding);
        self.closing.refresh();
        Ok(())
    }

    /// A binding was used up: for a rule that fires once, the rule itself.
    fn spend(&mut self, rule: RuleId, binding: Binding) {
        let record = &mut self.rules.records[rule.index()];
        match binding {
            Some(node) => {
                self.firing = self.firing.saturating_sub(1);
                self.closing.idle(self.graph.nodes[node.index()].stage, 1);
            }
            None if record.phase == Phase::Due => {
                self.firing = self.firing.saturating_sub(1);
                record.phase = Phase::Spent;
                self.closing.disarm(&record.spec);
            }
            None => {
                // Its predicate failed: it will not be asked again.
                record.phase = Phase::Spent;
                let held = std::mem::take(&mut record.held);
                if record.spec.each == Each::Once {
                    self.closing.disarm(&record.spec);
                }
                for node in held {
                    self.closing.idle(self.graph.nodes[node.index()].stage, 1);
                }
            }
        }
    }

    fn check_additions(&self, additions: &Additions, rule: Option<&RuleRecord>) -> Result<(), Refused> {
        let base = self.graph.len();
        let mut edges = additions.edges.iter();
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
            let stage = self.graph.stage_info(node.stage).name;
            if let Some(rule) = rule.filter(|rule| !rule.spec.adds.allows(node.stage)) {
                return Err(Refused(format!(
                    "rule `{}` adds a `{stage}`, which its `adds [..]` does not name",
                    rule.spec.name
                )));
            }
            if let Some(closed) = self.closed.get(&node.stage) {
                return Err(Refused(self.late(stage, *closed, rule)));
            }
            let key = additions.labels.get(node.label as usize).and_then(|label| label.key.as_deref());
            if let Some(key) = key.filter(|key| self.graph.keyed(node.stage, key).is_some()) {
                return Err(Refused(format!("there is a `{stage}` with the key `{key}` already")));
            }
        }
        for inner in &additions.rules {
            if let Some(rule) = rule.filter(|rule| !rule.spec.adds.covers(&inner.adds)) {
                return Err(Refused(self.undeclared(rule, inner)));
            }
        }
        Ok(())
    }

    fn undeclared(&self, rule: &RuleRecord, inner: &RuleSpec) -> String {
        let name = |stage| self.graph.stage_info(stage).name;
        let (outer, inner_name) = (&rule.spec.name, &inner.name);
        match &inner.adds {
            super::adds::Adds::Anything => format!(
                "rule `{outer}` registers `{inner_name}`, which does not say what it adds, while `{outer}` does: \
                 write `adds [..]` in `{inner_name}` too"
            ),
            super::adds::Adds::Only(list) => {
                let stage = list.iter().find(|addition| !rule.spec.adds.allows(addition.stage));
                let stage = stage.map_or("?", |addition| name(addition.stage));
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
        format!(
            "{who} adds a `{stage}` (event {}), but `{stage}` {why} (event {}): let the rule declare it in `adds [..]`, \
             or let its condition come true before",
            self.events, closed.event
        )
    }

    /// Takes in nodes and rules that have been checked.
    fn add(&mut self, additions: &Additions, rule: RuleId, binding: Binding, about: Option<NodeId>) -> FiringId {
        let firing = self.graph.lineage.next_id();
        let first = NodeId::from_index(self.graph.len());
        let scope = self.rules.scope(rule);
        let parent = about.or_else(|| self.graph.lineage.parent(scope)).unwrap_or(NodeId::NONE);
        let bound = binding.unwrap_or(NodeId::NONE);
        self.graph.push_firing(rule, bound, parent, first, additions.nodes.len() as u32);
        let mut edges = additions.edges.iter();
        for node in &additions.nodes {
            let label = additions.labels.get(node.label as usize);
            let id = self.graph.push(node.stage, firing, node.open, label);
            for edge in edges.by_ref().take(node.edges as usize) {
                self.connect(id, *edge);
            }
            self.appeared(id, node.stage);
        }
        for (position, spec) in additions.rules.iter().enumerate() {
            let scope = if rule.is_some() { firing } else { FiringId::NONE };
            self.register(spec, scope, position as u32);
        }
        firing
    }

    #[inline]
    fn connect(&mut self, child: NodeId, edge: Edge) {
        self.graph.push_parent(child, edge);
        let state = self.graph.nodes[edge.from.index()].state;
        if !state.is_settled() {
            self.graph.nodes[child.index()].waiting += 1;
        } else if state != NodeState::Succeeded && edge.need == Need::Success {
            self.graph.nodes[child.index()].waiting += 1; // so that nothing makes it ready
            let because = self.graph.skipped_because(edge.from).unwrap_or(edge.from);
            self.doomed.push_back((child, because));
        }
    }

    #[inline]
    fn appeared(&mut self, node: NodeId, stage: StageId) {
        self.closing.busy(stage, 1);
        let record = &self.graph.nodes[node.index()];
        if record.keyed {
            self.graph.lineage.note_keyed(node);
        }
        if record.waiting == 0 {
            self.make_ready(node);
        }
        let count = self.graph.stages[stage.index()].nodes.len();
        while let Some(rule) = self.watches.count_reached(stage, count) {
            self.met(rule);
        }
        self.watches.stage_changed(stage, &mut self.rules, &mut self.ask);
        if let Some(name) = self.graph.given_name(node).map(str::to_owned) {
            for rule in self.watches.named(&name) {
                self.met(rule);
            }
            self.watches.name_changed(&name, &mut self.rules, &mut self.ask);
        }
    }

    fn register(&mut self, spec: &RuleSpec, scope: FiringId, position: u32) {
        let rule = self.rules.push(spec, scope, position);
        self.closing.declare(spec);
        self.watches.add_each(rule, spec);
        if spec.predicate {
            self.rules.records[rule.index()].to_ask = true;
            self.ask.push(rule);
        }
        if spec.conditions.is_empty() && !spec.predicate && spec.each == Each::Once {
            self.rules.records[rule.index()].unmet = 1;
            self.met(rule);
        }
        for condition in &spec.conditions {
            match self.holds(condition) {
                Some(true) => self.met(rule),
                Some(false) => self.kill(rule, condition.clone()),
                None => {
                    if let Condition::Done(node) | Condition::Settled(node) | Condition::Failed(node) = condition {
                        self.graph.nodes[node.index()].watched = true;
                    }
                    self.watches.add(rule, condition);
                }
            }
        }
        let (stage, wanted) = match spec.each {
            Each::Once => return,
            Each::Succeeded(stage) => (stage, NodeState::Succeeded),
            Each::Failed(stage) => (stage, NodeState::Failed),
        };
        for node in self.graph.nodes_of(stage).to_vec() {
            if self.graph.nodes[node.index()].state == wanted {
                self.bind(rule, node);
            }
        }
    }

    fn close(&mut self, stage: StageId, at_rest: bool) {
        self.closing.close(stage);
        self.closed.insert(stage, Closed { event: self.events, at_rest });
        for rule in self.watches.closed(stage) {
            self.met(rule);
        }
    }
}
