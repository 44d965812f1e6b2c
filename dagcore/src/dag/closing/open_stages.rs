//! Counters of the sources that keep stages open.
//!
//! *A leads to S* when a rule that fires for each node of A adds S, when a node of A may add S while it runs, or when
//! one of these adds a stage that leads to S. A stage S is open while it has a source. A source is a stage that leads
//! to S and is *busy* (a node of it has not settled, or an `each` rule has found one and not fired for it yet), or an
//! armed one-shot rule that adds S or a stage that leads to S. `open` counts the sources, so an event changes it only
//! when a source comes or goes. The relation between sources and stages is recomputed when a rule extends it, never on
//! an event. Only stages that a rule waits for are counted at all.

use crate::dag::base::declared_additions::Adds;
use crate::dag::base::ids::StageId;
use crate::dag::rules::rule_spec::RuleSpec;

/// The counters of one stage, and its place in the relation "leads to".
#[derive(Default, Debug)]
struct Stage {
    /// Unsettled nodes, plus bindings that were found and have not fired.
    busy: u32,
    /// The number of armed one-shot rules that add this stage.
    armed: u32,
    /// The stages added by rules that fire for each node of this stage, and by its nodes while they run.
    adds: Vec<StageId>,
    /// `true` if one of them may add anything.
    adds_anything: bool,
    /// The targets that this stage leads to.
    leads: Vec<StageId>,
    /// `true` if a rule waits for this stage to close, in the whole run or below a group.
    target: bool,
    /// `true` if a rule waits for it to close in the whole run.
    watched: bool,
    /// `true` if the additions of its nodes are known.
    met: bool,
    /// The number of sources, exact unless the counters are stale. Each busy stage that leads here counts one, each
    /// stage that leads here (or this one) and has armed rules counts one, and all armed rules that may add anything
    /// count one together.
    open: u32,
    closed: bool,
}

/// The counters of all stages, for the whole run.
#[derive(Default, Debug)]
pub(crate) struct Closing {
    stages: Vec<Stage>,
    targets: Vec<StageId>,
    /// The stages whose nodes' additions are known.
    met: Vec<StageId>,
    /// The number of armed one-shot rules that may add anything.
    armed_anything: u32,
    /// Stages that may have lost their last source. An entry may be stale: `closable` checks it.
    candidates: Vec<StageId>,
    stale: bool,
}

impl Closing {
    /// Adds a rule's declaration. [`Self::refresh`] must follow before any query.
    pub(crate) fn declare(&mut self, spec: &RuleSpec) {
        for stage in spec.closing() {
            self.target(stage);
            let entry = self.stage(stage);
            self.stale |= !std::mem::replace(&mut entry.watched, true);
        }
        spec.under.iter().for_each(|(stage, _)| self.target(*stage));
        if let Some(from) = spec.each.stage() {
            self.relate(from, &spec.adds);
        }
    }

    fn target(&mut self, stage: StageId) {
        if !std::mem::replace(&mut self.stage(stage).target, true) {
            self.targets.push(stage);
            self.stale = true;
        }
    }

    /// Returns `true` if the additions of the stage's nodes are known.
    #[inline]
    pub(crate) fn has_met(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_some_and(|entry| entry.met)
    }

    /// Adds the additions of the stage's nodes. Returns `true` if they are new.
    pub(crate) fn meet(&mut self, stage: StageId, adds: Option<&Adds>) -> bool {
        if std::mem::replace(&mut self.stage(stage).met, true) {
            return false;
        }
        self.met.push(stage);
        if let Some(adds) = adds {
            self.relate(stage, adds);
        }
        adds.is_some()
    }

    /// Adds the source of a one-shot rule that can still fire.
    pub(crate) fn arm(&mut self, adds: &Adds) {
        match adds {
            Adds::Anything => {
                self.armed_anything += 1;
                // All such rules together are one source of every target.
                if self.armed_anything == 1 && !self.stale {
                    self.targets.iter().for_each(|stage| self.stages[stage.index()].open += 1);
                }
            }
            Adds::Only(list) => {
                for addition in list {
                    let entry = self.stage(addition.stage);
                    entry.armed += 1;
                    if entry.armed == 1 {
                        self.source_comes(addition.stage, true);
                    }
                }
            }
        }
    }

    /// Removes the source of a one-shot rule that has fired, or never will.
    pub(crate) fn disarm(&mut self, adds: &Adds) {
        match adds {
            Adds::Anything => {
                self.armed_anything -= 1;
                if self.armed_anything == 0 && !self.stale {
                    for stage in &self.targets {
                        self.stages[stage.index()].open -= 1;
                    }
                    self.candidates.extend(&self.targets); // hints: `closable` checks each
                }
            }
            Adds::Only(list) => {
                for addition in list {
                    let entry = self.stage(addition.stage);
                    entry.armed -= 1;
                    if entry.armed == 0 {
                        self.source_goes(addition.stage, true);
                    }
                }
            }
        }
    }

    fn relate(&mut self, from: StageId, adds: &Adds) {
        match adds {
            Adds::Anything => {
                let known = std::mem::replace(&mut self.stage(from).adds_anything, true);
                self.stale |= !known;
            }
            Adds::Only(list) => {
                for addition in list {
                    let entry = self.stage(from);
                    if !entry.adds.contains(&addition.stage) {
                        entry.adds.push(addition.stage);
                        self.stale = true;
                    }
                    self.stage(addition.stage);
                }
            }
        }
    }

    /// Counts an unsettled node of `stage`, or a binding to one that has not fired.
    #[inline]
    pub(crate) fn busy(&mut self, stage: StageId) {
        let entry = self.stage(stage);
        entry.busy += 1;
        if entry.busy == 1 && !entry.leads.is_empty() {
            self.source_comes(stage, false);
        }
    }

    /// Removes what [`Self::busy`] has counted.
    #[inline]
    pub(crate) fn idle(&mut self, stage: StageId) {
        let entry = &mut self.stages[stage.index()];
        entry.busy -= 1;
        if entry.busy == 0 && !entry.leads.is_empty() {
            self.source_goes(stage, false);
        }
    }

    fn source_comes(&mut self, stage: StageId, itself: bool) {
        self.with_led(stage, itself, |entry, _, _| entry.open += 1);
    }

    fn source_goes(&mut self, stage: StageId, itself: bool) {
        self.with_led(stage, itself, |entry, id, candidates| {
            entry.open = entry.open.saturating_sub(1);
            if entry.open == 0 {
                candidates.push(id);
            }
        });
    }

    /// Applies `change` to the targets that a source at `stage` keeps open. An armed rule that adds the stage itself
    /// (`itself`) keeps that stage open as well.
    fn with_led(
        &mut self,
        stage: StageId,
        itself: bool,
        mut change: impl FnMut(&mut Stage, StageId, &mut Vec<StageId>),
    ) {
        if self.stale {
            return; // recomputed before any query
        }
        let leads = std::mem::take(&mut self.stage(stage).leads);
        for led in &leads {
            if *led != stage {
                change(&mut self.stages[led.index()], *led, &mut self.candidates);
            }
        }
        let leads_to_itself = leads.contains(&stage);
        self.stages[stage.index()].leads = leads;
        if leads_to_itself || (itself && self.stages[stage.index()].target) {
            change(&mut self.stages[stage.index()], stage, &mut self.candidates);
        }
    }

    /// Recomputes the relation and the counts if a relation or a target is new. Returns `true` if it did.
    pub(crate) fn refresh(&mut self) -> bool {
        if !std::mem::take(&mut self.stale) {
            return false;
        }
        // Invert the relation, so that one backward search per target finds all stages that lead to it.
        let mut into: Vec<Vec<StageId>> = (0..self.stages.len()).map(|_| Vec::new()).collect();
        let mut from_any = Vec::new();
        for (index, stage) in self.stages.iter_mut().enumerate() {
            let id = StageId::from_index(index);
            stage.leads.clear();
            stage.open = 0;
            for added in &stage.adds {
                into[added.index()].push(id);
            }
            if stage.adds_anything {
                from_any.push(id);
            }
        }
        for watched in self.targets.clone() {
            let mut seen = vec![false; self.stages.len()];
            let mut todo = into[watched.index()].clone();
            todo.extend(&from_any);
            let mut open = u32::from(self.armed_anything > 0);
            while let Some(stage) = todo.pop() {
                if std::mem::replace(&mut seen[stage.index()], true) {
                    continue;
                }
                todo.extend(&into[stage.index()]);
                let entry = &mut self.stages[stage.index()];
                entry.leads.push(watched);
                open += u32::from(entry.busy > 0) + u32::from(entry.armed > 0);
            }
            let entry = &mut self.stages[watched.index()];
            // The search visits the target itself only if it is on a cycle.
            if !seen[watched.index()] {
                open += u32::from(entry.armed > 0);
            }
            entry.open = open;
            if open == 0 {
                self.candidates.push(watched);
            }
        }
        true
    }

    /// Returns `true` if the counts must be recomputed.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Returns `true` if `from` leads to the target `to`.
    #[inline]
    pub(crate) fn leads(&self, from: StageId, to: StageId) -> bool {
        self.stages.get(from.index()).is_some_and(|entry| entry.leads.contains(&to))
    }

    /// Returns `true` if an addition may be a node of the target `to`, or lead to one.
    #[inline]
    pub(crate) fn may_bring(&self, adds: &Adds, to: StageId) -> bool {
        adds.may_bring(to, |from| self.leads(from, to))
    }

    /// Returns `true` if `from` leads to any target.
    #[inline]
    pub(crate) fn leads_anywhere(&self, from: StageId) -> bool {
        self.stages.get(from.index()).is_some_and(|entry| !entry.leads.is_empty())
    }

    /// Returns `true` if a stage may be able to close.
    #[inline]
    pub(crate) fn has_candidates(&self) -> bool {
        !self.candidates.is_empty()
    }

    /// Returns a stage that can close now because it has no source left.
    pub(crate) fn closable(&mut self) -> Option<StageId> {
        while let Some(stage) = self.candidates.pop() {
            let entry = &self.stages[stage.index()];
            if entry.watched && entry.open == 0 && !entry.closed {
                return Some(stage);
            }
        }
        None
    }

    /// Records that a stage has closed.
    pub(crate) fn close(&mut self, stage: StageId) {
        self.stage(stage).closed = true;
    }

    /// Returns `true` if a stage has closed.
    #[inline]
    pub(crate) fn is_closed(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_some_and(|entry| entry.closed)
    }

    /// Returns `true` if a stage that a rule waits for still has a source.
    pub(crate) fn is_open(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_none_or(|entry| !entry.watched || entry.open > 0)
    }

    /// Returns, by stage, whether it leads to `stage`. Computed on demand, so it also works for a stage that no rule
    /// waits for.
    pub(crate) fn leading_to(&self, stage: StageId) -> Vec<bool> {
        let adds = |from: &Stage, added: StageId| from.adds_anything || from.adds.contains(&added);
        let mut leading = vec![false; self.stages.len()];
        let mut todo = vec![stage];
        while let Some(added) = todo.pop() {
            for (index, from) in self.stages.iter().enumerate() {
                if adds(from, added) && !std::mem::replace(&mut leading[index], true) {
                    todo.push(StageId::from_index(index));
                }
            }
        }
        leading
    }

    /// Returns `true` if a node of `stage` has not settled, or a rule is still to fire for one.
    pub(crate) fn is_busy(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_some_and(|entry| entry.busy > 0)
    }

    /// Iterates over the stages that the run has met, in that order.
    pub(crate) fn met(&self) -> impl Iterator<Item = StageId> {
        self.met.iter().copied()
    }

    /// Returns the stages that are added for each node of `stage`, or `None` if that may be anything.
    pub(crate) fn adds_for_each(&self, stage: StageId) -> Option<&[StageId]> {
        match self.stages.get(stage.index()) {
            Some(entry) if entry.adds_anything => None,
            Some(entry) => Some(&entry.adds),
            None => Some(&[]),
        }
    }

    fn stage(&mut self, stage: StageId) -> &mut Stage {
        if self.stages.len() <= stage.index() {
            self.stages.resize_with(stage.index() + 1, Stage::default);
        }
        &mut self.stages[stage.index()]
    }
}
