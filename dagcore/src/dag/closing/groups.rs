//! Groups: nodes below which stages are waited for, with counters of each such stage.
//!
//! A stage that a rule names with `under each(..)`, or with `by key under ..`, is a kind of group, and each of its
//! nodes is a group. Every node records the innermost group that contains it, by its position in the lineage. Groups
//! form a tree, and a change of a node updates the counts of its enclosing groups, so the cost is the nesting depth of
//! groups. Groups below which nothing is counted, because only keys need them, are skipped. A count of *sources*
//! decides whether a stage is still open below the group; it uses the relation of `open_stages`.

use crate::dag::base::ids::{GroupId, NodeId, RuleId, StageId};
use crate::dag::rules::rule_spec::Below;
use std::collections::{BTreeMap, BTreeSet};

/// The counters of one stage below one group.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Count {
    /// The number of sources; the stage is open below the group while this is not zero.
    open: u32,
    /// All nodes of the stage.
    pub(crate) nodes: u32,
    pub(crate) unsettled: u32,
    /// Nodes that settled without success.
    pub(crate) failed: u32,
    /// The number of rules that wait for the stage here and are not over.
    pub(crate) readers: u32,
    /// How the stage closed; `None` while it has not.
    pub(crate) closed: Option<Closed>,
}

/// How a stage closed: the number of the event, and whether the run was quiescent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    pub(crate) event: u64,
    pub(crate) at_rest: bool,
}

/// The progress of a rule with one group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wait {
    /// This number of its conditions do not hold yet.
    For(u32),
    /// All conditions hold, and the rule has not been applied.
    Complete,
    /// The rule was applied, or failed, or can never be applied.
    Over,
}

impl Wait {
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::For(_))
    }
}

/// A node below which stages are waited for or keys are unique.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) node: NodeId,
    kind: usize,
    parent: GroupId,
    /// The innermost enclosing group below which something is counted: a shortcut over groups that only keys need.
    next_counted: GroupId,
    /// In the order of the `watched` stages of its kind.
    pub(crate) counts: Vec<Count>,
    pub(crate) waiting: BTreeMap<RuleId, Wait>,
}

impl Group {
    /// Returns `true` if a rule may still fire for the group.
    pub(crate) fn waits(&self, rule: RuleId) -> bool {
        self.waiting.get(&rule).is_some_and(|wait| *wait != Wait::Over)
    }
}

/// A stage whose nodes are groups.
#[derive(Debug)]
struct Kind {
    stage: StageId,
    /// The stages that rules wait for below such a group; `true` if a rule waits for their nodes to settle.
    watched: Vec<(StageId, bool)>,
    rules: Vec<RuleId>,
}

/// All groups of a run, with the counters below them.
#[derive(Default, Debug)]
pub(crate) struct Groups {
    kinds: Vec<Kind>,
    groups: Vec<Group>,
    /// Groups and indices in `watched` that may have lost their last source. An entry may be stale: `closable` checks
    /// it.
    candidates: Vec<(GroupId, usize)>,
    /// `true` if a kind is new, or has a new watched stage: the counts must be recomputed.
    stale: bool,
}

impl Groups {
    pub(crate) fn are_none(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Makes `stage` a kind of group, and returns the index of the kind.
    pub(crate) fn declare(&mut self, stage: StageId) -> usize {
        self.kind_of(stage).unwrap_or_else(|| {
            self.kinds.push(Kind { stage, watched: Vec::new(), rules: Vec::new() });
            self.stale = true;
            self.kinds.len() - 1
        })
    }

    /// Registers a rule that waits for these conditions below each group of `stage`.
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

    /// Returns the rules that fire for each group of `stage`.
    pub(crate) fn rules_of(&self, stage: StageId) -> &[RuleId] {
        self.kind_of(stage).map_or(&[], |kind| &self.kinds[kind].rules)
    }

    /// Returns the group of a node that appears inside `around`: a new group if its stage is a kind of group, or else
    /// `around`.
    #[inline]
    pub(crate) fn enter(&mut self, node: NodeId, stage: StageId, around: GroupId) -> GroupId {
        let Some(kind) = self.kind_of(stage) else { return around };
        let counts = vec![Count::default(); self.kinds[kind].watched.len()];
        let id = GroupId(self.groups.len() as u32);
        // Nothing may ever become a source below the new group, so each of its stages can close at once.
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

    /// Returns the group enclosing `node`, which records `group`: never the group that the node itself is.
    #[inline]
    pub(crate) fn around(&self, node: NodeId, group: GroupId) -> GroupId {
        self.get(group).map_or(GroupId::NONE, |own| if own.node == node { own.parent } else { group })
    }

    /// Iterates over the groups of a stage.
    pub(crate) fn of(&self, stage: StageId) -> impl Iterator<Item = (GroupId, &Group)> {
        let kind = self.kind_of(stage);
        self.all().filter(move |(_, group)| Some(group.kind) == kind)
    }

    /// Iterates over a group and its enclosing groups, innermost first.
    pub(crate) fn chain(&self, from: GroupId) -> impl Iterator<Item = (GroupId, &Group)> {
        let at = |id: GroupId| self.get(id).map(|group| (id, group));
        std::iter::successors(at(from), move |(_, group)| at(group.parent))
    }

    /// Iterates over a group and its enclosing groups, innermost first, without groups below which nothing is counted.
    pub(crate) fn counted(&self, from: GroupId) -> impl Iterator<Item = (GroupId, &Group)> {
        let at = |id: GroupId| self.get(id).map(|group| (id, group));
        std::iter::successors(at(self.innermost_counted(from)), move |(_, group)| at(group.next_counted))
    }

    /// Returns the innermost of a group and its enclosing groups below which something is counted.
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

    /// Returns the index of a stage among those watched below a group.
    pub(crate) fn place(&self, group: &Group, stage: StageId) -> Option<usize> {
        self.kinds[group.kind].watched.iter().position(|(watched, _)| *watched == stage)
    }

    pub(crate) fn watched(&self, group: &Group, place: usize) -> Option<StageId> {
        self.kinds[group.kind].watched.get(place).map(|(stage, _)| *stage)
    }

    /// Returns the stages that rules wait for below groups of any kind.
    pub(crate) fn all_watched(&self) -> BTreeSet<StageId> {
        self.kinds.iter().flat_map(|kind| kind.watched.iter().map(|(stage, _)| *stage)).collect()
    }

    /// Adds sources inside `from` for every watched stage that the predicate `leads` accepts.
    #[inline]
    pub(crate) fn sources_come(&mut self, from: GroupId, sources: u32, leads: impl Fn(StageId) -> bool) {
        self.with_led(from, leads, |count| {
            count.open += sources;
            false
        });
    }

    /// Removes one source inside `from` for every watched stage that the predicate `leads` accepts.
    #[inline]
    pub(crate) fn source_goes(&mut self, from: GroupId, leads: impl Fn(StageId) -> bool) {
        self.with_led(from, leads, |count| {
            count.open = count.open.saturating_sub(1);
            count.open == 0
        });
    }

    /// Changes the counts of the accepted stages in `from` and its enclosing groups. A count for which `change` returns
    /// `true` becomes a candidate for closing.
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

    /// Counts a new node of `stage` below `from`.
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

    /// Counts a settled node of `stage` below `from`. Returns the groups with rules that wait for this, if it was the
    /// last unsettled node or the first without success.
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
                    // Only these transitions can decide a wait: the first failure makes `Done` impossible, and
                    // `Settled` and `Done` hold at the last end, provided that no further node can appear.
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

    /// Returns `true` if a stage may be able to close below a group.
    #[inline]
    pub(crate) fn has_candidates(&self) -> bool {
        !self.candidates.is_empty()
    }

    /// Returns a group and a stage that can close below it now.
    pub(crate) fn closable(&mut self) -> Option<(NodeId, StageId)> {
        while let Some((id, place)) = self.candidates.pop() {
            let Some(group) = self.get(id) else { continue };
            // Skip stale candidates: a source may have come back, or the stage has closed meanwhile.
            let waits = |count: &&Count| count.open == 0 && count.closed.is_none();
            if group.counts.get(place).filter(waits).is_some() {
                let stage = self.watched(group, place)?;
                return Some((group.node, stage));
            }
        }
        None
    }

    /// Returns `true` if a stage that a rule waits for below a group still has a source there.
    pub(crate) fn is_open(&self, group: GroupId, stage: StageId) -> bool {
        let count = || {
            let group = self.get(group)?;
            Some(group.counts[self.place(group, stage)?].open)
        };
        count().is_none_or(|open| open > 0)
    }

    /// Returns `true` if the groups must be recounted because of a new kind or watched stage, and resets that flag.
    pub(crate) fn take_stale(&mut self) -> bool {
        std::mem::take(&mut self.stale)
    }

    /// Resets the counts and the positions of the groups, and keeps which stages have closed and the state of waiting
    /// rules.
    pub(crate) fn clear(&mut self) {
        for group in &mut self.groups {
            (group.parent, group.next_counted) = (GroupId::NONE, GroupId::NONE);
            group.counts.resize(self.kinds[group.kind].watched.len(), Count::default());
            for count in &mut group.counts {
                *count = Count { closed: count.closed, readers: count.readers, ..Count::default() };
            }
        }
    }

    /// After [`Self::clear`], does what [`Self::enter`] does, for a node that may be a group already.
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

    /// Makes all counts candidates for closing.
    pub(crate) fn all_are_candidates(&mut self) {
        self.candidates.clear();
        for (index, group) in self.groups.iter().enumerate() {
            self.candidates.extend((0..group.counts.len()).map(|place| (GroupId(index as u32), place)));
        }
    }
}
