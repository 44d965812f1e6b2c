//! Applies the start order that the program chose to the ready queues.

use super::critical_path::Lengths;
use crate::dag::admission::start_order::StartOrder;
use crate::dag::base::ids::NodeId;
use crate::dag::base::node_state::NodeState;
use crate::dag::base::stage_info::Place;
use crate::dag::graph::additions::Additions;
use crate::dag::machine::Machine;

impl Machine {
    /// Sets the order in which ready nodes start; see [`StartOrder`].
    pub fn ordered(mut self, order: StartOrder) -> Self {
        let ranks = matches!(order, StartOrder::CriticalPath | StartOrder::By(_));
        self.ready.set_depth_first(matches!(order, StartOrder::DepthFirst));
        self.lengths = matches!(order, StartOrder::CriticalPath).then(Box::default);
        if let Some(lengths) = &mut self.lengths {
            lengths.catch_up(&self.graph);
        }
        self.start_order = order;
        if ranks || self.is_ranked {
            self.rank_ready();
        }
        self
    }

    /// Removes the order from a run that has ended: its function may hold values that the program wants to release.
    pub(crate) fn take_start_order(&mut self) -> StartOrder {
        std::mem::take(&mut self.start_order)
    }

    /// Switches the ready queues to ranks, because a priority was set.
    #[cold]
    pub(crate) fn let_ranks_decide(&mut self) {
        if !self.is_ranked {
            self.rank_ready();
        }
    }

    fn rank_ready(&mut self) {
        self.is_ranked = true;
        for (place, node, is_fresh) in self.ready.rank_all(&self.graph) {
            let (priority, rank) = (self.graph.priority(node), self.rank(node));
            self.ready.push_of_group(place, node, priority, rank, is_fresh);
        }
    }

    /// Enqueues a ready node with its rank.
    #[inline(never)]
    pub(crate) fn push_ranked(&mut self, place: Place, node: NodeId) {
        let (priority, rank) = (self.graph.priority(node), self.rank(node));
        self.ready.push_ranked(place, node, priority, rank);
    }

    fn rank(&self, node: NodeId) -> i64 {
        match &self.start_order {
            StartOrder::DepthFirst | StartOrder::BreadthFirst => 0,
            StartOrder::CriticalPath => self.lengths.as_ref().map_or(0, |lengths| as_rank(lengths, self, node)),
            StartOrder::By(ranking) => ranking.of(&self.graph, node),
        }
    }

    /// Records the priorities and expected durations of the nodes that are about to be inserted.
    #[cold]
    pub(crate) fn note_ranks(&mut self, additions: &Additions) {
        let base = self.graph.len();
        let ranks = additions.ranks();
        self.graph.ranks.extend(ranks.iter().map(|(at, rank)| (NodeId::from_index(base + *at as usize), *rank)));
        if ranks.iter().any(|(_, rank)| rank.has_priority()) {
            self.let_ranks_decide();
        }
    }

    /// Records that an open node received its parents, so that paths grow.
    pub(crate) fn lengthen(&mut self, fed: NodeId) {
        self.lengths.iter_mut().for_each(|lengths| lengths.feed(fed));
    }

    /// Updates the order of the ready nodes for paths that have grown; [`Self::take_ready`] does this as well. Lengths
    /// are needed only then, so growing a path node by node does not walk it for each node.
    #[inline]
    pub fn order_ready(&mut self) {
        if self.lengths.is_some() {
            self.order_by_lengths();
        }
    }

    #[cold]
    fn order_by_lengths(&mut self) {
        let Some(lengths) = &mut self.lengths else { return };
        // With at most one ready node in each place, the order does not matter, and the walk can wait.
        if !lengths.is_behind(&self.graph) || Place::ALL.iter().all(|place| self.ready.len(*place) < 2) {
            return;
        }
        self.take_in_lengths();
    }

    /// Updates the lengths before a node settles without success. Paths through it do not become shorter, so the nodes
    /// added below it must be counted first. This matters only for a waiting node: for any other, all nodes above it
    /// have settled.
    #[inline]
    pub(crate) fn lengths_before_loss(&mut self, node: NodeId) {
        if self.lengths.is_some() && self.graph.nodes[node.index()].state == NodeState::Waiting {
            self.take_in_lengths();
        }
    }

    #[cold]
    fn take_in_lengths(&mut self) {
        let Some(lengths) = &mut self.lengths else { return };
        for node in lengths.catch_up(&self.graph) {
            if self.graph.nodes[node.index()].queued {
                let (place, rank) = (self.place(node), self.rank(node));
                self.ready.rank(place, node, rank);
            }
        }
    }
}

fn as_rank(lengths: &Lengths, machine: &Machine, node: NodeId) -> i64 {
    i64::try_from(lengths.of(&machine.graph, node)).unwrap_or(i64::MAX)
}
