//! The nodes that could start, place by place, in the order in which they do.
//!
//! Whether a node is queued is recorded in one place, its record in the graph; an entry of a queue is only a hint. So a node
//! leaves in constant time, wherever it is: its record changes, and its entry is skipped when it comes to the front.
//!
//! Where nothing but time decides, each place has a queue, which a new node joins at its end or at its front. Where ranks
//! decide, the queue holds the next node only, and the others stand behind it: so whoever takes nodes or looks at
//! them finds a queue in any case, and pays for ranks only where there are some.

use super::ranked_nodes::{Ranked, Turn};
use crate::dag::base::ids::NodeId;
use crate::dag::base::stage_info::Place;
use crate::dag::graph::Graph;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// Where a node goes that has become ready.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Way {
    #[default]
    Back,
    Front,
    Ranked,
}

pub(crate) struct ReadyNodes {
    queues: [VecDeque<NodeId>; 4],
    /// How many of those at the front have become ready together.
    fresh: [usize; 4],
    /// How many nodes there are beyond the entries of the queue: more, that stand behind it, or fewer, for each stale entry.
    /// The first entry of a queue is never stale.
    beyond: [isize; 4],
    way: Way,
    /// Whether what follows from something that ended goes before what was there.
    depth_first: bool,
    started: bool,
    /// Whether what becomes ready now does so together.
    together: bool,
    ranks: Option<Box<Ranks>>,
}

/// What there is where ranks decide.
#[derive(Default)]
struct Ranks {
    /// All nodes of each place, also the one in its queue, until another one comes.
    places: [Ranked; 4],
    /// How many nodes have come.
    came: u64,
    /// How often nodes have become ready together, or one alone.
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

    /// The run begins: what becomes ready from now on follows from something that ended, mostly.
    pub(crate) fn start(&mut self) {
        self.started = true;
        self.find_way();
    }

    /// Whether what follows from something that ended goes before what was there.
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

    /// Lets ranks decide from now on. It gives the nodes that are there, in their order, to be pushed with their ranks,
    /// and says of each whether it has become ready together with what follows.
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

    /// What becomes ready from here on does so together, until they are [put in order](Self::put_in_order).
    #[inline]
    pub(crate) fn together(&mut self) {
        self.fresh = [0; 4];
        self.together = true;
        if self.way == Way::Ranked {
            self.new_group();
        }
    }

    /// Of the nodes that have become ready together, the first is to run first.
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

    /// A node with its priority and its rank.
    pub(crate) fn push_ranked(&mut self, place: Place, node: NodeId, priority: i32, rank: i64) {
        if !self.together {
            self.new_group();
        }
        self.push_of_group(place, node, priority, rank, true);
    }

    /// The same for one that was there before. Where what comes later goes first, that goes before this one, unless it
    /// `is_fresh`.
    pub(crate) fn push_of_group(&mut self, place: Place, node: NodeId, priority: i32, rank: i64, is_fresh: bool) {
        let deep = self.depth_first && self.started;
        let Some(ranks) = self.meet(place) else { return };
        ranks.came += 1;
        let rank = if deep && is_fresh { ranks.groups } else { rank };
        ranks.places[place as usize].push(Turn { priority, rank, came: Reverse(ranks.came), node });
        self.show(place);
    }

    /// Another rank for a node, if it is there.
    pub(crate) fn rank(&mut self, place: Place, node: NodeId, rank: i64) {
        let Some(ranks) = self.meet(place) else { return };
        ranks.places[place as usize].rank(node, rank);
        self.show(place);
    }

    /// The ranks, of which none is left of a place whose last node was taken.
    fn meet(&mut self, place: Place) -> Option<&mut Ranks> {
        let ranks = self.ranks.as_deref_mut()?;
        if self.queues[place as usize].is_empty() {
            ranks.places[place as usize].clear();
        }
        Some(ranks)
    }

    /// Puts the next node into the queue.
    fn show(&mut self, place: Place) {
        let Some(ranks) = &self.ranks else { return };
        let (ranked, queue) = (&ranks.places[place as usize], &mut self.queues[place as usize]);
        queue.clear();
        queue.extend(ranked.first());
        self.beyond[place as usize] = (ranked.len() - queue.len()) as isize;
    }

    /// The next node at `place`.
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

    /// The `nth` in the order in which [`Self::take`] gives them.
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
        let node = queue.remove(nth)?; // no stale entry, which every later look would have to skip
        graph.nodes[node.index()].queued = false;
        Some(node)
    }

    /// The node that [`Self::take`] would give.
    #[inline]
    pub(crate) fn peek(&self, place: Place) -> Option<NodeId> {
        self.queues[place as usize].front().copied()
    }

    /// How many there are at `place`.
    #[inline]
    pub(crate) fn len(&self, place: Place) -> usize {
        self.queues[place as usize].len().wrapping_add_signed(self.beyond[place as usize])
    }

    /// Whether there are none at all.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queues.iter().all(VecDeque::is_empty)
    }

    /// Takes all nodes out.
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

    /// Takes a node out if it is here, whatever its turn.
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

    /// Takes stale entries off the front of a queue.
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
