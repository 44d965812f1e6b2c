//! Groups: the nodes below which something is waited for, and what is counted below each.
//!
//! A stage that some rule names with `under each(..)`, or with `by key under ..`, is a kind of group, and each of its
//! nodes is a group. Every node knows the innermost group that it is in, by its place in the lineage; groups form a
//! tree, and what changes for a node changes the counts of the groups around it, which are as many as groups are nested. Groups
//! below which nothing is counted, because only keys need them, are passed over. A count of *sources*
//! says whether a stage is still open below the group: see `closing`, whose relation it uses.

use crate::dag::base::ids::{GroupId, NodeId, RuleId, StageId};
use crate::dag::rules::rule_spec::Below;
use std::collections::{BTreeMap, BTreeSet};

/// What is counted of one stage below one group.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Count {
    /// The number of sources.
    open: u32,
    /// All nodes of the stage.
    pub(crate) nodes: u32,
    pub(crate) unsettled: u32,
    /// Nodes that ended in another way than well.
    pub(crate) failed: u32,
    /// The rules that wait for it and are not over.
    pub(crate) readers: u32,
    /// How it closed.
    pub(crate) closed: Option<Closed>,
}

/// How a stage closed: the event's number, and whether the run was at rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    pub(crate) event: u64,
    pub(crate) at_rest: bool,
}

/// How far a rule has come with one group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wait {
    /// So many of its conditions do not hold yet.
    For(u32),
    /// All of them hold, and it has not been applied.
    Complete,
    /// It was applied, or it failed, or it never can be.
    Over,
}

impl Wait {
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::For(_))
    }
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) node: NodeId,
    kind: usize,
    parent: GroupId,
    /// The innermost group around this one below which something is counted.
    next_counted: GroupId,
    /// In the order of the kind's `watched`.
    pub(crate) counts: Vec<Count>,
    pub(crate) waiting: BTreeMap<RuleId, Wait>,
}

impl Group {
    /// Whether a rule may still fire for the group.
    pub(crate) fn waits(&self, rule: RuleId) -> bool {
        self.waiting.get(&rule).is_some_and(|wait| *wait != Wait::Over)
    }
}

#[derive(Debug)]
struct Kind {
    stage: StageId,
    /// The stages that rules wait for below such a group, and whether some rule waits for their nodes' end.
    watched: Vec<(StageId, bool)>,
    rules: Vec<RuleId>,
}

#[derive(Default, Debug)]
pub(crate) struct Groups {
    kinds: Vec<Kind>,
    groups: Vec<Group>,
    /// Groups and places in `watched` that may have lost their last source.
    candidates: Vec<(GroupId, usize)>,
    /// Whether a kind, or what it watches, is new.
    stale: bool,
}

impl Groups {
    pub(crate) fn are_none(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Makes `stage` a kind of group.
    pub(crate) fn declare(&mut self, stage: StageId) -> usize {
        self.kind_of(stage).unwrap_or_else(|| {
            self.kinds.push(Kind { stage, watched: Vec::new(), rules: Vec::new() });
            self.stale = true;
            self.kinds.len() - 1
        })
    }

    /// A rule waits for this below each group of `stage`.
    pub(crate) fn watch(&mut self, stage: StageId, rule: RuleId, waits: &[(StageId, Below)]) {
        let kind = self.declare(stage);
        self.kinds[kind].rules.push(rule);
        for (watched, below) in waits {
            let known = self.kinds[kind].watched.iter_mut().find(|(known, _)| known == watched);
            let ends = *below != Below::Closed;
            match known {
                Some((_, known)) => *known |= ends,
                None => {
                    self.kinds[kind].watched.push((*watched, ends));
                    self.stale = true;
                }
            }
        }
    }

    fn kind_of(&self, stage: StageId) -> Option<usize> {
        self.kinds.iter().position(|kind| kind.stage == stage)
    }

    /// The rules that fire for each group of `stage`.
    pub(crate) fn rules_of(&self, stage: StageId) -> &[RuleId] {
        self.kind_of(stage).map_or(&[], |kind| &self.kinds[kind].rules)
    }

    /// The group that a node is in which appears inside of `around`: its own, if it is one.
    #[inline]
    pub(crate) fn enter(&mut self, node: NodeId, stage: StageId, around: GroupId) -> GroupId {
        let Some(kind) = self.kind_of(stage) else { return around };
        let counts = vec![Count::default(); self.kinds[kind].watched.len()];
        let id = GroupId(self.groups.len() as u32);
        self.candidates.extend((0..counts.len()).map(|at| (id, at)));
        let next_counted = self.innermost_counted(around);
        self.groups.push(Group { node, kind, parent: around, next_counted, counts, waiting: BTreeMap::new() });
        id
    }

    pub(crate) fn get(&self, group: GroupId) -> Option<&Group> {
        self.groups.get(group.0 as usize)
    }

    pub(crate) fn get_mut(&mut self, group: GroupId) -> Option<&mut Group> {
        self.groups.get_mut(group.0 as usize)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (GroupId, &Group)> {
        self.groups.iter().enumerate().map(|(index, group)| (GroupId(index as u32), group))
    }

    /// The group that `node`, which is in `group`, is below: not its own.
    #[inline]
    pub(crate) fn around(&self, node: NodeId, group: GroupId) -> GroupId {
        self.get(group).map_or(GroupId::NONE, |own| if own.node == node { own.parent } else { group })
    }

    /// The groups of a stage.
    pub(crate) fn of(&self, stage: StageId) -> impl Iterator<Item = (GroupId, &Group)> {
        let kind = self.kind_of(stage);
        self.all().filter(move |(_, group)| Some(group.kind) == kind)
    }

    /// A group and those around it, from the inside out.
    pub(crate) fn chain(&self, from: GroupId) -> impl Iterator<Item = (GroupId, &Group)> {
        let at = |id: GroupId| self.get(id).map(|group| (id, group));
        std::iter::successors(at(from), move |(_, group)| at(group.parent))
    }

    /// The same, but for those below which nothing is counted.
    pub(crate) fn counted(&self, from: GroupId) -> impl Iterator<Item = (GroupId, &Group)> {
        let at = |id: GroupId| self.get(id).map(|group| (id, group));
        std::iter::successors(at(self.innermost_counted(from)), move |(_, group)| at(group.next_counted))
    }

    /// The innermost of a group and those around it below which something is counted.
    #[inline]
    fn innermost_counted(&self, from: GroupId) -> GroupId {
        match self.get(from) {
            Some(group) if group.counts.is_empty() => group.next_counted,
            _ => from,
        }
    }

    pub(crate) fn stage_of(&self, group: &Group) -> StageId {
        self.kinds[group.kind].stage
    }

    /// The place of a stage among those that are watched below a group.
    pub(crate) fn place(&self, group: &Group, stage: StageId) -> Option<usize> {
        self.kinds[group.kind].watched.iter().position(|(watched, _)| *watched == stage)
    }

    pub(crate) fn watched(&self, group: &Group, place: usize) -> Option<StageId> {
        self.kinds[group.kind].watched.get(place).map(|(stage, _)| *stage)
    }

    /// The stages that rules wait for below groups of any kind.
    pub(crate) fn all_watched(&self) -> BTreeSet<StageId> {
        self.kinds.iter().flat_map(|kind| kind.watched.iter().map(|(stage, _)| *stage)).collect()
    }

    /// So many sources come for whatever `leads` to, inside of `from`.
    #[inline]
    pub(crate) fn sources_come(&mut self, from: GroupId, sources: u32, leads: impl Fn(StageId) -> bool) {
        self.with_led(from, leads, |count| {
            count.open += sources;
            false
        });
    }

    #[inline]
    pub(crate) fn source_goes(&mut self, from: GroupId, leads: impl Fn(StageId) -> bool) {
        self.with_led(from, leads, |count| {
            count.open = count.open.saturating_sub(1);
            count.open == 0
        });
    }

    #[inline]
    fn with_led(&mut self, from: GroupId, leads: impl Fn(StageId) -> bool, change: impl Fn(&mut Count) -> bool) {
        let mut at = self.innermost_counted(from);
        while let Some(group) = self.groups.get_mut(at.0 as usize) {
            for (place, (watched, _)) in self.kinds[group.kind].watched.iter().enumerate() {
                if leads(*watched) && change(&mut group.counts[place]) {
                    self.candidates.push((at, place));
                }
            }
            at = group.next_counted;
        }
    }

    /// A node of `stage` appeared below `from`.
    #[inline]
    pub(crate) fn appeared(&mut self, from: GroupId, stage: StageId) {
        self.with_led(
            from,
            |watched| watched == stage,
            |count| {
                count.nodes += 1;
                count.unsettled += 1;
                false
            },
        );
    }

    /// A node of `stage` ended below `from`. Returns the groups where some rule waits for that, and it was the last one or the first
    /// that failed.
    #[inline]
    pub(crate) fn settled(&mut self, from: GroupId, stage: StageId, succeeded: bool) -> Vec<(GroupId, usize)> {
        let mut told = Vec::new();
        let mut at = self.innermost_counted(from);
        while let Some(group) = self.groups.get_mut(at.0 as usize) {
            for (place, (watched, ends)) in self.kinds[group.kind].watched.iter().enumerate() {
                if *watched == stage {
                    let count = &mut group.counts[place];
                    count.unsettled -= 1;
                    count.failed += u32::from(!succeeded);
                    let is_first_failure = !succeeded && count.failed == 1;
                    if *ends && (is_first_failure || (count.unsettled == 0 && count.closed.is_some())) {
                        told.push((at, place));
                    }
                }
            }
            at = group.next_counted;
        }
        told
    }

    /// Whether there may be a stage that can close below a group.
    #[inline]
    pub(crate) fn has_candidates(&self) -> bool {
        !self.candidates.is_empty()
    }

    /// A group below which a stage can close now.
    pub(crate) fn closable(&mut self) -> Option<(NodeId, StageId)> {
        while let Some((id, place)) = self.candidates.pop() {
            let Some(group) = self.get(id) else { continue };
            let waits = |count: &&Count| count.open == 0 && count.closed.is_none();
            if group.counts.get(place).filter(waits).is_some() {
                let stage = self.watched(group, place)?;
                return Some((group.node, stage));
            }
        }
        None
    }

    /// Whether a stage that some rule waits for below a group still has a source there.
    pub(crate) fn is_open(&self, group: GroupId, stage: StageId) -> bool {
        let count = || {
            let group = self.get(group)?;
            Some(group.counts[self.place(group, stage)?].open)
        };
        count().is_none_or(|open| open > 0)
    }

    /// Whether the groups must be counted afresh, because a kind is new.
    pub(crate) fn take_stale(&mut self) -> bool {
        std::mem::take(&mut self.stale)
    }

    /// Forgets the counts, and where the groups are, but not what has closed and what has been waited for.
    pub(crate) fn clear(&mut self) {
        for group in &mut self.groups {
            (group.parent, group.next_counted) = (GroupId::NONE, GroupId::NONE);
            group.counts.resize(self.kinds[group.kind].watched.len(), Count::default());
            for count in &mut group.counts {
                *count = Count { closed: count.closed, readers: count.readers, ..Count::default() };
            }
        }
    }

    /// After [`Self::clear`], what [`Self::enter`] is for a node that may be a group already.
    pub(crate) fn enter_again(&mut self, node: NodeId, stage: StageId, around: GroupId, known: GroupId) -> GroupId {
        let next_counted = self.innermost_counted(around);
        match self.get_mut(known).filter(|group| group.node == node) {
            Some(group) => {
                (group.parent, group.next_counted) = (around, next_counted);
                known
            }
            None => self.enter(node, stage, around),
        }
    }

    /// Looks at all of them for what can close.
    pub(crate) fn all_are_candidates(&mut self) {
        self.candidates.clear();
        for (index, group) in self.groups.iter().enumerate() {
            self.candidates.extend((0..group.counts.len()).map(|place| (GroupId(index as u32), place)));
        }
    }
}
