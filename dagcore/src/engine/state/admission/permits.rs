//! Permits for resources that concurrent nodes share: concurrency slots of a stage, pools, and rates.
//!
//! A node is granted everything it needs, or waits for the first resource that it lacks and holds nothing; so no two
//! nodes ever wait for each other. Each queue is first in, first out, so a node that needs much of a pool is not
//! starved by those that need little.
//!
//! `state::node_needs` is the only caller.

use crate::dag::{Name, NodeId, StageId, Time};
use crate::port::{Needs, Rate};
use std::collections::{HashMap, HashSet, VecDeque};

/// All shared resources of a run.
#[derive(Default)]
pub(crate) struct Resources {
    pools: Vec<Pool>,
    names: HashMap<String, usize>,
    turns: Vec<Turns>,
    stages: HashMap<StageId, OfStage>,
    /// Pool needs set by calls, in place of those of their stages.
    calls: HashMap<NodeId, Vec<(String, u32)>>,
    /// The pool needs of each waiting node.
    wanted: HashMap<NodeId, Vec<(usize, u32)>>,
    /// The permits of each node, one entry per running attempt: an attempt that timed out holds its permits until it
    /// ends.
    held: HashMap<NodeId, Vec<Vec<(usize, u32)>>>,
    /// The resource that a node waits for.
    waits: HashMap<NodeId, Lack>,
    /// Nodes that were granted their needs and have not been taken since.
    granted: HashSet<NodeId>,
}

/// A pool, or the concurrency limit of a stage.
struct Pool {
    /// Its name; for a concurrency limit, that of the stage.
    name: String,
    is_limit: bool,
    size: u32,
    used: u32,
    waiting: VecDeque<NodeId>,
}

impl Pool {
    /// Returns `true` if fewer than `share` permits are free.
    fn is_short_of(&self, share: u32) -> bool {
        share > self.size - self.used
    }
}

/// The rate limiter of a stage.
struct Turns {
    rate: Rate,
    /// The next start if starts were evenly spaced.
    even: Time,
    waiting: VecDeque<NodeId>,
}

/// The needs of a stage.
#[derive(Clone, Default)]
struct OfStage {
    pools: Vec<(usize, u32)>,
    turns: Option<usize>,
}

/// Returns the stage of a node if it still waits.
pub(crate) type Waits<'a> = &'a dyn Fn(NodeId) -> Option<StageId>;

/// The resource that a node lacks.
#[derive(Clone, Copy)]
enum Lack {
    Pool(usize),
    Turn(usize),
}

/// A description of what a ready node waits for.
pub(crate) enum Lacks<'a> {
    Pool { name: &'a str, used: u32, size: u32 },
    Place { stage: &'a str, limit: u32 },
    Turn(Time),
}

impl Resources {
    /// Creates the pools of a workflow, with their sizes.
    pub(crate) fn new(pools: Vec<(String, u32)>) -> Self {
        let mut resources = Self::default();
        for (name, size) in pools {
            let place = resources.pool(name.clone(), false, size);
            resources.names.insert(name, place);
        }
        resources
    }

    fn pool(&mut self, name: String, is_limit: bool, size: u32) -> usize {
        self.pools.push(Pool { name, is_limit, size, used: 0, waiting: VecDeque::new() });
        self.pools.len() - 1
    }

    /// Registers the needs of a stage.
    pub(crate) fn meet(&mut self, stage: StageId, name: &str, needs: Needs) {
        let mut of_stage = OfStage::default();
        if let Some(limit) = needs.concurrency {
            of_stage.pools.push((self.pool(name.to_owned(), true, limit), 1));
        }
        for (pool, share) in needs.pools {
            // An unknown pool is reported when a node of the stage starts.
            of_stage.pools.push((self.names.get(*pool).copied().unwrap_or(usize::MAX), *share));
        }
        if let Some(rate) = needs.rate {
            of_stage.turns = Some(self.turns.len());
            self.turns.push(Turns { rate, even: Time::START, waiting: VecDeque::new() });
        }
        self.stages.insert(stage, of_stage);
    }

    /// Registers the pool needs of a call.
    pub(crate) fn ask(&mut self, node: NodeId, pools: Vec<(String, u32)>) {
        self.calls.insert(node, pools);
    }

    /// Grants a node everything it needs, or enqueues it. Returns `true` if it may start.
    ///
    /// # Errors
    ///
    /// When it needs more than there will ever be.
    pub(crate) fn take(&mut self, node: NodeId, stage: StageId, now: Time) -> Result<bool, String> {
        if self.granted.remove(&node) {
            return Ok(true);
        }
        let needs = self.needed(node, stage)?;
        if needs.is_empty() && self.turns_of(stage).is_none() {
            return Ok(true);
        }
        // A node queues behind those that wait already, even if enough is free for it.
        let others = |(pool, _): &&(usize, u32)| !self.pools[*pool].waiting.is_empty();
        let behind = needs.iter().find(others).map(|(pool, _)| Lack::Pool(*pool));
        let turns = self.turns_of(stage).filter(|turns| !self.turns[*turns].waiting.is_empty()).map(Lack::Turn);
        self.wanted.insert(node, needs);
        match behind.or(turns) {
            Some(lack) => self.wait(node, lack),
            None => return Ok(self.give(node, stage, now)),
        }
        Ok(false)
    }

    /// Returns the pool needs of a node, where those of the call override those of the stage.
    fn needed(&self, node: NodeId, stage: StageId) -> Result<Vec<(usize, u32)>, String> {
        let mut needs = self.stages.get(&stage).map(|of_stage| of_stage.pools.clone()).unwrap_or_default();
        for (name, share) in self.calls.get(&node).into_iter().flatten() {
            let pool = self.names.get(name).copied().ok_or_else(|| no_pool(name))?;
            match needs.iter_mut().find(|(known, _)| *known == pool) {
                Some((_, known)) => *known = *share,
                None => needs.push((pool, *share)),
            }
        }
        for (pool, share) in &needs {
            let Some(Pool { name, size, .. }) = self.pools.get(*pool) else {
                return Err(
                    "its stage names a pool that the workflow does not have: add it with `.pool(..)`".to_owned()
                );
            };
            if share > size {
                let name = Name(name);
                return Err(format!("it needs {share} of the pool `{name}`, which has {size}: make the pool larger"));
            }
        }
        Ok(needs)
    }

    fn turns_of(&self, stage: StageId) -> Option<usize> {
        self.stages.get(&stage)?.turns
    }

    /// Grants a node everything it needs, or enqueues it for the resource that it lacks. Returns `true` if it was
    /// granted.
    fn give(&mut self, node: NodeId, stage: StageId, now: Time) -> bool {
        let needs = self.wanted.remove(&node).unwrap_or_default();
        let lacks = |(pool, share): &&(usize, u32)| self.pools[*pool].is_short_of(*share);
        let turns = self.turns_of(stage);
        let early = turns.filter(|turns| now < self.turns[*turns].next());
        let lack = needs.iter().find(lacks).map(|(pool, _)| Lack::Pool(*pool)).or(early.map(Lack::Turn));
        // Everything is checked before anything is taken: a waiting node holds nothing.
        if let Some(lack) = lack {
            self.wanted.insert(node, needs);
            self.wait(node, lack);
            return false;
        }
        if let Some(turns) = turns {
            let Turns { rate, even, .. } = &mut self.turns[turns];
            *even = (*even).max(now).later(rate.interval());
        }
        needs.iter().for_each(|(pool, share)| self.pools[*pool].used += share);
        if !needs.is_empty() {
            self.held.entry(node).or_default().push(needs);
        }
        self.waits.remove(&node);
        true
    }

    /// Keeps the permits of a node that was granted them and has not begun, until it is taken again.
    pub(crate) fn keep(&mut self, node: NodeId, stage: StageId) {
        if self.held.contains_key(&node) || self.turns_of(stage).is_some() {
            self.granted.insert(node);
        }
    }

    /// Enqueues a node for a resource.
    fn wait(&mut self, node: NodeId, lack: Lack) {
        match lack {
            Lack::Pool(pool) => self.pools[pool].waiting.push_back(node),
            Lack::Turn(turns) => self.turns[turns].waiting.push_back(node),
        }
        self.waits.insert(node, lack);
    }

    /// Returns the permits of an attempt. Returns the nodes that are granted their needs because of that.
    pub(crate) fn give_back(&mut self, node: NodeId, now: Time, stage: Waits<'_>) -> Vec<NodeId> {
        let Some(attempts) = self.held.get_mut(&node) else { return Vec::new() };
        let had = attempts.pop().unwrap_or_default();
        if attempts.is_empty() {
            self.held.remove(&node);
        }
        had.iter().for_each(|(pool, share)| self.pools[*pool].used -= share);
        self.serve(had.into_iter().map(|(pool, _)| pool), now, stage)
    }

    /// Grants permits to the nodes that wait for these pools, in order, as far as the permits suffice.
    fn serve(&mut self, pools: impl IntoIterator<Item = usize>, now: Time, stage: Waits<'_>) -> Vec<NodeId> {
        let mut given = Vec::new();
        for pool in pools {
            while let Some(next) = self.pools[pool].waiting.pop_front() {
                let Some(stage) = stage(next) else { continue };
                let share = self.wanted.get(&next).and_then(|needs| needs.iter().find(|(known, _)| *known == pool));
                if share.is_some_and(|(_, share)| self.pools[pool].is_short_of(*share)) {
                    // The first in the queue lacks permits: the others wait behind it, even if there were enough for
                    // them.
                    self.pools[pool].waiting.push_front(next);
                    break;
                }
                self.grant(next, stage, now, &mut given);
            }
        }
        given
    }

    /// Grants a waiting node its needs, or enqueues it for another resource.
    fn grant(&mut self, node: NodeId, stage: StageId, now: Time, given: &mut Vec<NodeId>) {
        if self.give(node, stage, now) {
            self.granted.insert(node);
            given.push(node);
        }
    }

    /// Removes a node that will not be taken any more. Returns the nodes that are granted their needs because of
    /// that.
    pub(crate) fn forget(&mut self, node: NodeId, now: Time, stage: Waits<'_>) -> Vec<NodeId> {
        self.wanted.remove(&node);
        match self.waits.remove(&node) {
            // It may have been the first in the queue and have blocked the others.
            Some(Lack::Pool(pool)) => self.serve([pool], now, stage),
            _ if self.granted.remove(&node) => self.give_back(node, now, stage),
            _ => Vec::new(),
        }
    }

    /// Returns the earliest time at which a rate limiter admits a waiting node.
    pub(crate) fn next_turn(&self) -> Option<Time> {
        self.turns.iter().filter(|turns| !turns.waiting.is_empty()).map(Turns::next).min()
    }

    /// Grants permits to the nodes that the rate limiters admit by now, and returns them.
    pub(crate) fn turn(&mut self, now: Time, stage: Waits<'_>) -> Vec<NodeId> {
        let mut given = Vec::new();
        for turns in 0..self.turns.len() {
            while self.turns[turns].next() <= now {
                let Some(next) = self.turns[turns].waiting.pop_front() else { break };
                let Some(stage) = stage(next) else { continue };
                let needs = self.wanted.get(&next).map_or(&[][..], Vec::as_slice);
                if let Some((pool, _)) = needs.iter().find(|(pool, _)| !self.pools[*pool].waiting.is_empty()) {
                    let pool = *pool;
                    self.wait(next, Lack::Pool(pool)); // in order there, too
                    continue;
                }
                self.grant(next, stage, now, &mut given);
            }
        }
        given
    }

    /// Returns what a ready node waits for.
    pub(crate) fn lacks(&self, node: NodeId) -> Option<Lacks<'_>> {
        Some(match *self.waits.get(&node)? {
            Lack::Pool(pool) => {
                let Pool { name, size, used, is_limit, .. } = &self.pools[pool];
                if *is_limit {
                    Lacks::Place { stage: name, limit: *size }
                } else {
                    Lacks::Pool { name, used: *used, size: *size }
                }
            }
            Lack::Turn(turns) => Lacks::Turn(self.turns[turns].next()),
        })
    }
}

impl Turns {
    /// Returns the time of the next start. A burst may run ahead of the even spacing.
    fn next(&self) -> Time {
        Time::after(self.even.since_start().saturating_sub(self.rate.ahead()))
    }
}

/// Returns the message for a pool that the workflow does not define.
pub(crate) fn no_pool(name: &str) -> String {
    let name = Name(name);
    format!("the workflow has no pool `{name}`: write `.pool(\"{name}\", ..)`, with its size")
}
