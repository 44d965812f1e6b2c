//! The start order of ready nodes: the machine compared with a list that is sorted again at each query.

use super::random::Chance;
use dagcore::dag::{
    Additions, CancelScope, Cause, Edge, Event, Graph, Machine, Need, NodeError, NodeId, NodeState, Place, Rank,
    StageId, StageInfo, StartOrder, Time,
};
use std::cmp::Reverse;
use std::time::Duration;
use tests::dice::Dice;

const SLOW: Rank = Rank::new().expected(Duration::from_nanos(7));
const URGENT: Rank = Rank::new().priority(2);

/// Two places, each with a stage without a rank and one with a rank.
fn describe(stage: StageId) -> StageInfo {
    match stage.index() {
        0 => StageInfo::new("plain", Place::Async),
        1 => StageInfo::new("other", Place::Compute),
        2 => StageInfo::new("slow", Place::Async).ranked(&SLOW),
        _ => StageInfo::new("urgent", Place::Compute).ranked(&URGENT),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Depth,
    Breadth,
    Critical,
    Ranked,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Depth, Self::Breadth, Self::Critical, Self::Ranked];

    fn start_order(self) -> StartOrder {
        match self {
            Self::Depth => StartOrder::DepthFirst,
            Self::Breadth => StartOrder::BreadthFirst,
            Self::Critical => StartOrder::CriticalPath,
            Self::Ranked => StartOrder::by(by_parents),
        }
    }
}

fn by_parents(graph: &Graph, node: NodeId) -> i64 {
    graph.parents(node).count() as i64 % 3
}

struct Play {
    machine: Machine,
    kind: Kind,
    chance: Chance,
    /// The nodes that could start, in their start order when no rank decides.
    ready: Vec<NodeId>,
    known: Vec<bool>,
    /// Parents and children, if the parent had not settled when the edge was added.
    edges: Vec<(NodeId, NodeId)>,
    running: Vec<NodeId>,
    started: bool,
    /// The probability that a node has a rank of its own, in percent.
    says: usize,
    taken: Vec<NodeId>,
}

impl Play {
    fn new(kind: Kind, seed: u64) -> Self {
        let mut chance = Chance(Dice(seed));
        let says = [0, 20, 80][chance.below(3)];
        let machine = Machine::new(describe);
        let (ready, known, edges, running) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { machine, kind, chance, ready, known, edges, running, started: false, says, taken: Vec::new() }
    }

    fn tell(&mut self, event: &Event) {
        self.machine.apply(event).unwrap();
        self.look();
        while let Some(event) = self.machine.consequence(Time::START) {
            self.machine.apply(&event).unwrap();
            self.look();
        }
    }

    /// Updates the list with the nodes that became ready, and those that no longer are.
    fn look(&mut self) {
        let graph = self.machine.graph();
        self.known.resize(graph.len(), false);
        self.ready.retain(|node| graph.state(*node) == Some(NodeState::Ready));
        let is_new = |node: &NodeId| !self.known[node.index()] && graph.state(*node) == Some(NodeState::Ready);
        let new: Vec<NodeId> = graph.nodes().filter(is_new).collect();
        new.iter().for_each(|node| self.known[node.index()] = true);
        let at = if self.kind == Kind::Depth && self.started { 0 } else { self.ready.len() };
        self.ready.splice(at..at, new);
    }

    fn add(&mut self) {
        let first = self.machine.graph().len();
        let mut additions = Additions::default();
        for index in first..first + 1 + self.chance.below(5) {
            let stage = StageId::from_index(if self.says == 0 { self.chance.below(2) } else { self.chance.below(4) });
            let mut parents: Vec<usize> = (0..self.chance.below(4)).map(|_| self.chance.below(index.max(1))).collect();
            parents.retain(|parent| *parent < index);
            parents.sort_unstable();
            parents.dedup();
            let child = NodeId::from_index(index);
            for parent in parents.iter().map(|parent| NodeId::from_index(*parent)) {
                if self.machine.graph().state(parent).is_none_or(|state| !state.is_settled()) {
                    self.edges.push((parent, child));
                }
            }
            let edge = |parent| Edge { from: NodeId::from_index(parent), need: Need::Success };
            additions.node(stage, parents.into_iter().map(edge), None);
            if self.chance.below(100) < self.says {
                additions.rank(Rank::new().priority(self.chance.below(4) as i32 - 1));
            } else if self.chance.below(100) < self.says {
                additions.rank(Rank::new().expected(Duration::from_nanos(self.chance.below(9) as u64)));
            }
        }
        self.tell(&Event::Added { additions, at: Time::START });
    }

    /// The longest path from each node, over all edges.
    fn lengths(&self) -> Vec<u64> {
        let graph = self.machine.graph();
        let own = |node| graph.expected(node).map_or(1, |time: Duration| time.as_nanos() as u64);
        let mut lengths: Vec<u64> = graph.nodes().map(own).collect();
        loop {
            let before = lengths.clone();
            for (parent, child) in &self.edges {
                lengths[parent.index()] = lengths[parent.index()].max(own(*parent) + lengths[child.index()]);
            }
            if before == lengths {
                return lengths;
            }
        }
    }

    /// The nodes of a place in the expected start order.
    fn wanted(&self, place: Place) -> Vec<NodeId> {
        let graph = self.machine.graph();
        let lengths = if self.kind == Kind::Critical { self.lengths() } else { Vec::new() };
        let here = |node: &NodeId| graph.stage_info(graph.stage(*node).unwrap()).place == place;
        let mut nodes: Vec<NodeId> = self.ready.iter().copied().filter(here).collect();
        nodes.sort_by_key(|node| {
            let rank = match self.kind {
                Kind::Depth | Kind::Breadth => 0,
                Kind::Critical => lengths[node.index()] as i64,
                Kind::Ranked => by_parents(graph, *node),
            };
            Reverse((graph.priority(*node), rank))
        });
        nodes
    }

    fn start(&mut self) {
        let place = [Place::Async, Place::Compute][self.chance.below(2)];
        let wanted = self.wanted(place);
        self.machine.order_ready();
        assert_eq!(
            (self.machine.ready(place), self.machine.peek_ready(place)),
            (wanted.len(), wanted.first().copied())
        );
        assert_eq!(self.machine.has_ready(), !self.ready.is_empty());
        let nth = if self.chance.below(4) == 0 { self.chance.below(wanted.len().max(1)) } else { 0 };
        let taken = if nth > 0 { self.machine.take_ready_nth(place, nth) } else { self.machine.take_ready(place) };
        assert_eq!(taken, wanted.get(nth).copied());
        if let Some(node) = taken {
            self.ready.retain(|other| *other != node);
            self.taken.push(node);
            self.tell(&Event::Started { node, at: Time::START });
            self.running.push(node);
        }
    }

    fn end(&mut self) {
        if self.running.is_empty() {
            return;
        }
        let node = self.running.swap_remove(self.chance.below(self.running.len()));
        if self.chance.below(12) > 0 {
            return self.tell(&Event::Succeeded { node, at: Time::START });
        }
        let error = NodeError::new("it", "", Cause::Panic("by plan".into()));
        self.tell(&Event::Failed { node, error, at: Time::START });
    }

    fn cancel(&mut self) {
        let node = self.ready[self.chance.below(self.ready.len())];
        self.tell(&Event::CancelRequested {
            what: CancelScope::SingleNode(node),
            why: "enough".to_owned(),
            at: Time::START,
        });
    }

    fn run(mut self) -> (usize, Vec<NodeId>) {
        for _ in 0..1 + self.chance.below(6) {
            self.add();
        }
        self.machine = std::mem::replace(&mut self.machine, Machine::new(describe)).ordered(self.kind.start_order());
        self.started = true;
        self.tell(&Event::RunStarted { at: Time::START });
        for _ in 0..60 {
            match self.chance.below(10) {
                0 => self.add(),
                1 if !self.ready.is_empty() && self.chance.below(4) == 0 => self.cancel(),
                2..6 => self.start(),
                _ => self.end(),
            }
        }
        while !self.ready.is_empty() || !self.running.is_empty() {
            self.start();
            self.end();
        }
        (self.machine.graph().len(), self.taken)
    }
}

#[test]
fn nodes_start_in_the_order_that_was_asked_for_while_the_graph_grows() {
    let mut taken = 0;
    for seed in 0..400 {
        for kind in Kind::ALL {
            taken += Play::new(kind, seed).run().1.len();
        }
    }
    assert!(taken > 10_000, "only {taken} nodes were started");
}

/// A machine with nodes that are independent, or each depend on the previous one.
fn machine(order: StartOrder, chain: bool, ranks: &[Rank]) -> Machine {
    let mut additions = Additions::default();
    for (index, rank) in ranks.iter().enumerate() {
        let before = index.checked_sub(1).filter(|_| chain).map(NodeId::from_index);
        additions.node(StageId::from_index(0), before.map(|from| Edge { from, need: Need::Success }), None);
        additions.rank(*rank);
    }
    let mut machine = Machine::new(describe).ordered(order);
    machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    machine.apply(&Event::RunStarted { at: Time::START }).unwrap();
    machine
}

fn all_of(machine: &mut Machine) -> Vec<usize> {
    std::iter::from_fn(|| machine.take_ready(Place::Async)).map(NodeId::index).collect()
}

#[test]
fn the_first_priority_puts_those_that_are_there_in_order_too() {
    let mut machine = machine(StartOrder::DepthFirst, false, &[Rank::new(); 3]);
    let mut additions = Additions::default();
    for priority in [None, Some(1), None, Some(-1), None] {
        additions.node(StageId::from_index(0), [], None);
        priority.into_iter().for_each(|priority| additions.rank(Rank::new().priority(priority)));
    }
    machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    assert_eq!(all_of(&mut machine), [4, 3, 5, 7, 0, 1, 2, 6]);
}

#[test]
fn the_first_stage_with_a_priority_leaves_those_that_are_added_with_it_in_their_order() {
    let mut machine = machine(StartOrder::DepthFirst, false, &[Rank::new(); 2]);
    let mut additions = Additions::default();
    for stage in [1, 1, 3, 1] {
        additions.node(StageId::from_index(stage), [], None);
    }
    machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    let compute: Vec<_> = std::iter::from_fn(|| machine.take_ready(Place::Compute)).map(NodeId::index).collect();
    assert_eq!((compute, all_of(&mut machine)), (vec![4, 2, 3, 5], vec![0, 1]));
}

#[test]
fn paths_of_any_length_are_measured_and_none_overflows() {
    let endless = Rank::new().expected(Duration::MAX);
    let mut machine = machine(StartOrder::CriticalPath, true, &[endless; 3]);
    let mut additions = Additions::default();
    additions.node(StageId::from_index(0), [], None);
    machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    assert_eq!(all_of(&mut machine), [0, 3]);
}

#[test]
fn what_lengthens_no_path_costs_no_walk() {
    const MANY: usize = 30_000;
    let mut machine = machine(StartOrder::CriticalPath, true, &[Rank::new(); MANY]);
    // Additions beside a longer path change no length, so the half of the chain above is not visited.
    for _ in 0..MANY {
        let mut additions = Additions::default();
        let from = NodeId::from_index(MANY / 2);
        additions.node(StageId::from_index(0), [Edge { from, need: Need::Success }], None);
        machine.apply(&Event::Added { additions, at: Time::START }).unwrap();
    }
    assert_eq!(all_of(&mut machine), [0]);
}

#[test]
fn nodes_that_are_added_to_a_cancelled_run_do_not_start_in_any_order() {
    for kind in Kind::ALL {
        let mut machine = machine(kind.start_order(), false, &[Rank::new().priority(3); 4]);
        let (what, why) = (CancelScope::EntireRun, "enough".to_owned());
        machine.apply(&Event::CancelRequested { what, why, at: Time::START }).unwrap();
        assert_eq!((machine.ready(Place::Async), machine.has_ready()), (0, false));
        assert_eq!(machine.take_ready(Place::Async), None);
    }
}
