//! The ready queues: nodes that can start, by place, in start order.
//!
//! Whether a node is queued is recorded only in its record in the graph; an entry of a queue is a hint. So a node can
//! be removed in constant time from any position: its record changes, and its stale entry is skipped when it reaches
//! the front.
//!
//! Without ranks, each place has a queue, and a new node joins at its back or its front. With ranks, the queue holds
//! only the next node, and the others are in a sorted set behind it: so dequeuing and peeking work the same in both
//! cases, and ranks cost something only where there are any.

use super::ranked_nodes::{Ranked, Turn};
use crate::dag::base::ids::NodeId;
use crate::dag::base::stage_info::Place;
use crate::dag::graph::Graph;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// The position at which a node that became ready is inserted.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Way {
    #[default]
    Back,
    Front,
    Ranked,
}

/// The ready nodes of all places.
pub(crate) struct ReadyNodes {
    queues: [VecDeque<NodeId>; 4],
    /// The number of entries at the front that became ready together.
    fresh: [usize; 4],
    /// The number of nodes minus the number of queue entries: positive for nodes behind the queue, negative for stale
    /// entries. Invariant: the first entry of a queue is never stale.
    beyond: [isize; 4],
    way: Way,
    /// `true` if dependents of a settled node go before older nodes.
    depth_first: bool,
    started: bool,
    /// `true` while nodes become ready together.
    together: bool,
    ranks: Option<Box<Ranks>>,
}

/// The state that exists only where ranks decide.
#[derive(Default)]
struct Ranks {
    /// All nodes of each place. The one in the queue stays here until another one arrives, so a dequeue of the last
    /// node need not touch this.
    places: [Ranked; 4],
    /// The number of nodes pushed so far.
    came: u64,
    /// The number of batches: nodes that became ready together, or one alone.
    groups: i64,
}

impl Default for ReadyNodes {
    fn default() -> Self {
        Self {
            queues: Default::default(),
            fresh: [0; 4],
            beyond: [0; 4],
            way: Way::Back,
            depth_first: true,
            started: false,
            together: false,
            ranks: None,
        }
    }
}

impl ReadyNodes {
    #[inline]
    pub(crate) fn way(&self) -> Way {
        self.way
    }

    /// Starts the run: nodes that become ready from now on are mostly dependents of settled nodes.
    pub(crate) fn start(&mut self) {
        self.started = true;
        self.find_way();
    }

    /// Sets whether dependents of a settled node go before older nodes.
    pub(crate) fn set_depth_first(&mut self, depth_first: bool) {
        self.depth_first = depth_first;
        self.find_way();
    }

    fn find_way(&mut self) {
        self.way = match (&self.ranks, self.depth_first && self.started) {
            (Some(_), _) => Way::Ranked,
            (None, true) => Way::Front,
            (None, false) => Way::Back,
        };
    }

    /// Switches to ranks. Removes the queued nodes and returns them in order, to be pushed with their ranks, each with
    /// whether it became ready together with the nodes that follow.
    #[cold]
    pub(crate) fn rank_all(&mut self, graph: &Graph) -> Vec<(Place, NodeId, bool)> {
        let mut found = Vec::new();
        let (together, is_first) = (self.together, self.ranks.is_none());
        let fresh = if together && is_first { self.fresh } else { [0; 4] };
        if together {
            self.put_in_order();
        }
        for place in Place::ALL {
            let queue = &self.queues[place as usize];
            let ranked = self.ranks.as_ref().filter(|_| !queue.is_empty());
            let ranked = ranked.into_iter().flat_map(|ranks| ranks.places[place as usize].in_order());
            let behind = ranked.skip(1);
            let here = queue.iter().copied().chain(behind).enumerate();
            let here = here.map(|(at, node)| (place, node, at < fresh[place as usize]));
            found.extend(here.filter(|(_, node, _)| is_queued(graph, *node)));
        }
        self.forget_all();
        self.together = together;
        let Ranks { came, groups, .. } = self.ranks.take().map_or(Ranks::default(), |ranks| *ranks);
        self.ranks = Some(Box::new(Ranks { came, groups: groups + 1, ..Ranks::default() }));
        self.find_way();
        found
    }

    #[inline]
    pub(crate) fn push_back(&mut self, place: Place, node: NodeId) {
        self.queues[place as usize].push_back(node);
    }

    #[inline]
    pub(crate) fn push_front(&mut self, place: Place, node: NodeId) {
        self.fresh[place as usize] += 1;
        self.queues[place as usize].push_front(node);
    }

    /// Starts a batch: nodes that become ready from here on do so together, until they are
    /// [put in order](Self::put_in_order).
    #[inline]
    pub(crate) fn together(&mut self) {
        self.fresh = [0; 4];
        self.together = true;
        if self.way == Way::Ranked {
            self.new_group();
        }
    }

    /// Ends a batch: the first of the nodes that became ready together is to run first, and pushing to the front has
    /// reversed them.
    #[inline]
    pub(crate) fn put_in_order(&mut self) {
        for (ready, fresh) in self.queues.iter_mut().zip(self.fresh) {
            (0..fresh / 2).for_each(|at| ready.swap(at, fresh - 1 - at));
        }
        self.together = false;
    }

    #[cold]
    fn new_group(&mut self) {
        if let Some(ranks) = &mut self.ranks {
            ranks.groups += 1;
        }
    }

    /// Pushes a node with its priority and rank.
    pub(crate) fn push_ranked(&mut self, place: Place, node: NodeId, priority: i32, rank: i64) {
        if !self.together {
            self.new_group();
        }
        self.push_of_group(place, node, priority, rank, true);
    }

    /// Pushes a node that was queued before. In depth-first order, newer nodes go before it unless it `is_fresh`.
    pub(crate) fn push_of_group(&mut self, place: Place, node: NodeId, priority: i32, rank: i64, is_fresh: bool) {
        let deep = self.depth_first && self.started;
        let Some(ranks) = self.meet(place) else { return };
        ranks.came += 1;
        let rank = if deep && is_fresh { ranks.groups } else { rank };
        ranks.places[place as usize].push(Turn { priority, rank, came: Reverse(ranks.came), node });
        self.show(place);
    }

    /// Changes the rank of a node, if it is present.
    pub(crate) fn rank(&mut self, place: Place, node: NodeId, rank: i64) {
        let Some(ranks) = self.meet(place) else { return };
        ranks.places[place as usize].rank(node, rank);
        self.show(place);
    }

    /// Returns the ranks, after removing the leftover entry of a place whose last node was dequeued.
    fn meet(&mut self, place: Place) -> Option<&mut Ranks> {
        let ranks = self.ranks.as_deref_mut()?;
        if self.queues[place as usize].is_empty() {
            ranks.places[place as usize].clear();
        }
        Some(ranks)
    }

    /// Refills the queue with the next node.
    fn show(&mut self, place: Place) {
        let Some(ranks) = &self.ranks else { return };
        let (ranked, queue) = (&ranks.places[place as usize], &mut self.queues[place as usize]);
        queue.clear();
        queue.extend(ranked.first());
        self.beyond[place as usize] = (ranked.len() - queue.len()) as isize;
    }

    /// Dequeues the next node at `place`.
    #[inline]
    pub(crate) fn take(&mut self, place: Place, graph: &mut Graph) -> Option<NodeId> {
        let node = self.queues[place as usize].pop_front()?;
        graph.nodes[node.index()].queued = false;
        if self.beyond[place as usize] != 0 {
            self.taken(place, node, graph);
        }
        Some(node)
    }

    #[cold]
    fn taken(&mut self, place: Place, node: NodeId, graph: &Graph) {
        match &mut self.ranks {
            Some(ranks) => {
                ranks.places[place as usize].remove(node);
                self.show(place);
            }
            None => self.drop_stale(place, graph),
        }
    }

    /// Removes and returns the `nth` node in the order in which [`Self::take`] returns them.
    pub(crate) fn take_nth(&mut self, place: Place, nth: usize, graph: &mut Graph) -> Option<NodeId> {
        if let Some(ranks) = self.meet(place) {
            let node = ranks.places[place as usize].nth(nth)?;
            self.remove(place, node, graph);
            return Some(node);
        }
        let queue = &mut self.queues[place as usize];
        if std::mem::take(&mut self.beyond[place as usize]) != 0 {
            queue.retain(|node| is_queued(graph, *node));
        }
        // Removed, rather than left as a stale entry that every later call would have to skip.
        let node = queue.remove(nth)?;
        graph.nodes[node.index()].queued = false;
        Some(node)
    }

    /// Returns the node that [`Self::take`] would return.
    #[inline]
    pub(crate) fn peek(&self, place: Place) -> Option<NodeId> {
        self.queues[place as usize].front().copied()
    }

    /// Returns the number of nodes at `place`.
    #[inline]
    pub(crate) fn len(&self, place: Place) -> usize {
        self.queues[place as usize].len().wrapping_add_signed(self.beyond[place as usize])
    }

    /// Returns `true` if all queues are empty.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queues.iter().all(VecDeque::is_empty)
    }

    /// Removes all nodes.
    pub(crate) fn clear(&mut self, graph: &mut Graph) {
        let ranked = self.ranks.iter().flat_map(|ranks| ranks.places.iter().flat_map(Ranked::in_order));
        for node in self.queues.iter().flatten().copied().chain(ranked) {
            graph.nodes[node.index()].queued = false;
        }
        self.forget_all();
    }

    fn forget_all(&mut self) {
        self.queues.iter_mut().for_each(VecDeque::clear);
        self.beyond = [0; 4];
        self.fresh = [0; 4];
        if let Some(ranks) = &mut self.ranks {
            ranks.places.iter_mut().for_each(Ranked::clear);
        }
    }

    /// Removes a node, at any position, if it is queued.
    pub(crate) fn remove(&mut self, place: Place, node: NodeId, graph: &mut Graph) {
        if !std::mem::take(&mut graph.nodes[node.index()].queued) {
            return;
        }
        if let Some(ranks) = self.meet(place) {
            ranks.places[place as usize].remove(node);
            self.show(place);
        } else {
            self.beyond[place as usize] -= 1;
            self.drop_stale(place, graph);
        }
    }

    /// Removes stale entries from the front of a queue.
    fn drop_stale(&mut self, place: Place, graph: &Graph) {
        let queue = &mut self.queues[place as usize];
        while queue.front().is_some_and(|node| !is_queued(graph, *node)) {
            queue.pop_front();
            self.beyond[place as usize] += 1;
        }
    }
}

fn is_queued(graph: &Graph, node: NodeId) -> bool {
    graph.nodes[node.index()].queued
}
