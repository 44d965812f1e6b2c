//! Transitions of nodes: they start and settle, and their dependents and rules are notified.

use crate::dag::base::errors::NodeError;
use crate::dag::base::ids::GroupId;
use crate::dag::base::ids::{NodeId, StageId, Time};
use crate::dag::base::node_state::NodeState;
use crate::dag::base::stage_info::Place;
use crate::dag::graph::edge::Need;
use crate::dag::graph::failed_attempts::Attempt;
use crate::dag::graph::records::NO_EDGE;
use crate::dag::graph::skips::Skip;
use crate::dag::machine::Machine;
use crate::dag::machine::queues::ready_nodes::Way;

impl Machine {
    #[inline]
    pub(crate) fn start(&mut self, node: NodeId, at: Time) {
        let record = &mut self.graph.nodes[node.index()];
        record.state = NodeState::Running;
        record.started = at;
        let (watched, queued) = (record.watched, record.queued);
        if queued {
            // Only in a replay: the start was recorded, so the node has not been dequeued here.
            self.ready.remove(self.place(node), node, &mut self.graph);
        }
        if watched {
            self.watches.node_changed(node, &mut self.rules, &mut self.ask);
        }
    }

    #[inline]
    pub(crate) fn succeed(&mut self, node: NodeId, at: Time) {
        let stage = self.settle(node, NodeState::Succeeded, at);
        self.release_children(node, None);
        let entry = &mut self.graph.stages[stage.index()];
        entry.succeeded += 1;
        let succeeded = entry.succeeded;
        while let Some(rule) = self.watches.count_done_reached(stage, succeeded) {
            self.met(rule);
        }
        let mut index = 0;
        while let Some(rule) = self.watches.stage(stage).and_then(|watch| watch.each.get(index).copied()) {
            self.bind(rule, node);
            index += 1;
        }
        self.settled(node, stage);
    }

    pub(crate) fn fail(&mut self, node: NodeId, error: &NodeError, at: Time) {
        self.lengths_before_loss(node);
        let stage = self.settle(node, NodeState::Failed, at);
        self.graph.errors.insert(node, error.clone());
        self.orphans.remove(&node);
        self.release_children(node, Some(node));
        for rule in self.watches.stage(stage).map(|watch| watch.each_failed.clone()).unwrap_or_default() {
            self.bind(rule, node);
        }
        self.settled(node, stage);
    }

    pub(crate) fn skip(&mut self, node: NodeId, because: NodeId, at: Time) {
        self.lengths_before_loss(node);
        let stage = self.settle(node, NodeState::Skipped, at);
        let through = self.lost_parent(node, because).filter(|parent| *parent != because);
        let between = through.map_or(0, |parent| self.graph.skips.get(&parent).map_or(0, |skip| skip.between) + 1);
        self.graph.skips.insert(node, Skip { because, through, between });
        self.release_children(node, Some(because));
        self.settled(node, stage);
    }

    /// Returns the first dependency that had to succeed and did not, because of this failure.
    fn lost_parent(&self, node: NodeId, failure: NodeId) -> Option<NodeId> {
        let lost = |parent: &NodeId| {
            self.graph.state(*parent).is_some_and(NodeState::is_lost) && self.graph.culprit(*parent) == failure
        };
        self.graph.parents(node).filter(|edge| edge.need.is_success()).map(|edge| edge.from).find(lost)
    }

    /// Records a failed attempt that will be retried.
    pub(crate) fn fail_attempt(&mut self, node: NodeId, error: &NodeError, until: Time, at: Time) {
        let record = &mut self.graph.nodes[node.index()];
        record.state = NodeState::AwaitingRetry;
        let (started, watched) = (record.started, record.watched);
        self.is_unusual = true;
        self.graph.attempts.failed(node, Attempt { started, ended: at, until, error: error.clone() });
        if watched {
            self.watches.node_changed(node, &mut self.rules, &mut self.ask);
        }
    }

    /// Returns `true` if a running node has added nodes.
    pub(crate) fn has_grown(&self, node: NodeId) -> bool {
        self.graph.firings_of(node).any(|(_, firing)| !firing.rule.is_some())
    }

    /// Iterates over the running nodes.
    pub(crate) fn running(&self) -> impl Iterator<Item = NodeId> {
        self.graph.nodes().filter(|node| self.graph.state(*node) == Some(NodeState::Running))
    }

    pub(crate) fn resume(&mut self, node: NodeId) {
        self.graph.attempts.resume(node);
        self.make_ready(node);
    }

    pub(crate) fn cancel(&mut self, node: NodeId, error: &NodeError, at: Time) {
        self.lengths_before_loss(node);
        let (before, place) = (self.graph.nodes[node.index()].state, self.place(node));
        let stage = self.settle(node, NodeState::Cancelled, at);
        match before {
            NodeState::Ready => self.ready.remove(place, node, &mut self.graph),
            NodeState::AwaitingRetry => self.graph.attempts.resume(node),
            _ => {}
        }
        self.graph.errors.insert(node, error.clone());
        self.orphans.remove(&node);
        self.release_children(node, Some(node));
        self.settled(node, stage);
    }

    #[inline]
    fn settle(&mut self, node: NodeId, state: NodeState, at: Time) -> StageId {
        let record = &mut self.graph.nodes[node.index()];
        record.state = state;
        record.ended = at;
        let (stage, group) = (record.stage, record.group);
        self.unsettled -= 1;
        if group != GroupId::NONE {
            let around = self.groups.around(node, group);
            for (group, place) in self.groups.settled(around, stage, state == NodeState::Succeeded) {
                self.look_below(group, place, None, false);
            }
        }
        stage
    }

    /// Notifies the dependents of a settled node; `failure` is the failed node if it did not succeed.
    #[inline]
    fn release_children(&mut self, node: NodeId, failure: Option<NodeId>) {
        let first = self.graph.first_child(node);
        match self.graph.child_at(first) {
            None => {}
            Some((child, need, NO_EDGE)) => self.release_child(child, need, failure),
            Some(_) => self.release_all(first, failure),
        }
    }

    #[inline]
    fn release_all(&mut self, first: u32, failure: Option<NodeId>) {
        self.ready.together();
        let mut next = first;
        while let Some((child, need, following)) = self.graph.child_at(next) {
            next = following;
            self.release_child(child, need, failure);
        }
        self.ready.put_in_order();
    }

    #[inline]
    fn release_child(&mut self, child: NodeId, need: Need, failure: Option<NodeId>) {
        match failure {
            // The counter is not decremented and so never reaches zero: the child cannot become ready before it is
            // skipped.
            Some(because) if need.is_success() => self.doomed.push_back((child, because)),
            _ => self.parent_ended(child),
        }
    }

    #[inline]
    pub(crate) fn parent_ended(&mut self, child: NodeId) {
        let record = &mut self.graph.nodes[child.index()];
        record.waiting -= 1;
        if record.waiting > 0 || record.state != NodeState::Waiting {
            return;
        }
        let broken = if record.open { self.broken_element(child) } else { None };
        match broken {
            Some(element) => self.doomed.push_back((child, self.graph.culprit(element))),
            None => self.make_ready(child),
        }
    }

    /// Returns the first element of a gathered list that did not succeed.
    fn broken_element(&self, open: NodeId) -> Option<NodeId> {
        let mut elements = self.graph.gathered(open)?;
        elements.find(|element| self.graph.state(*element) != Some(NodeState::Succeeded))
    }

    /// Returns the place where a node runs.
    #[inline]
    pub(crate) fn place(&self, node: NodeId) -> Place {
        let record = &self.graph.nodes[node.index()];
        self.graph.stages[record.stage.index()].info.map_or(Place::Inline, |info| info.place)
    }

    #[inline]
    pub(crate) fn make_ready(&mut self, node: NodeId) {
        let record = &mut self.graph.nodes[node.index()];
        record.state = NodeState::Ready;
        record.queued = true;
        if record.watched {
            self.watches.node_changed(node, &mut self.rules, &mut self.ask);
        }
        let place = self.place(node);
        // By default, dependents of a settled node run before older ready nodes: one item passes through all of its
        // stages before the next begins, and the run holds few outputs at a time.
        match self.ready.way() {
            Way::Front => self.ready.push_front(place, node),
            Way::Back => self.ready.push_back(place, node),
            Way::Ranked => self.push_ranked(place, node),
        }
    }

    /// Returns dequeued nodes that could not start to the ready queue. A node that is no longer ready, or is queued, is
    /// left out.
    pub(crate) fn give_back(&mut self, nodes: &[NodeId]) {
        if self.cancelling.has_run() {
            return; // each of them will be cancelled
        }
        for node in nodes.iter().rev() {
            let (place, record) = (self.place(*node), &mut self.graph.nodes[node.index()]);
            if record.state != NodeState::Ready || std::mem::replace(&mut record.queued, true) {
                continue;
            }
            match self.ready.way() {
                Way::Ranked => self.push_ranked(place, *node),
                _ => self.ready.push_front(place, *node),
            }
        }
    }

    /// Notifies the rules, and then the counters, that a node has settled. The counters come last, so that a binding
    /// that a rule has just found is counted before the node stops being a source, and no stage seems closable in
    /// between.
    #[inline]
    pub(crate) fn settled(&mut self, node: NodeId, stage: StageId) {
        if self.graph.nodes[node.index()].watched {
            while let Some((rule, place)) = self.watches.node_settled(node) {
                match self.rules.condition(rule, place).and_then(|condition| self.holds(condition)) {
                    Some(true) => self.met(rule),
                    _ => self.kill(rule, place),
                }
            }
            self.watches.node_changed(node, &mut self.rules, &mut self.ask);
        }
        self.watches.stage_changed(stage, &mut self.rules, &mut self.ask);
        self.idle(stage, self.graph.nodes[node.index()].group);
        self.release_parents(node);
        self.look_unread(node);
    }
}
