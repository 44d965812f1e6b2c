//! Which stages are still open, kept by counters.
//!
//! *A leads to S* when a rule that fires for each node of A adds S, or a node of A itself may while it runs, or one of
//! them adds what leads to S. A stage S is open
//! while it has a source: a stage that leads to S and is *busy* (a node of it has not settled, or an `each` rule
//! has found one and not fired yet), or a one-shot rule that is armed and adds S or what leads to S. `open`
//! counts the sources, so an event changes it only when a source comes or goes. Which sources matter to which
//! stage is worked out when a rule brings a new relation, never on an event. Only stages that some rule waits
//! for are counted at all.

use crate::dag::base::declared_additions::Adds;
use crate::dag::base::ids::StageId;
use crate::dag::rules::rule_spec::RuleSpec;

#[derive(Default, Debug)]
struct Stage {
    /// Unsettled nodes, and bindings found but not yet fired.
    busy: u32,
    /// Armed one-shot rules that add this stage.
    armed: u32,
    /// What rules that fire for each node of this stage add, and what its nodes add while they run.
    adds: Vec<StageId>,
    /// Whether one of them may add anything.
    adds_anything: bool,
    /// The targets that this one leads to.
    leads: Vec<StageId>,
    /// Whether some rule waits for this stage to close, in the whole run or below a group.
    target: bool,
    /// Whether some rule waits for it to close in the whole run.
    watched: bool,
    /// Whether what its nodes add is known.
    met: bool,
    /// The number of sources.
    open: u32,
    closed: bool,
}

#[derive(Default, Debug)]
pub(crate) struct Closing {
    stages: Vec<Stage>,
    targets: Vec<StageId>,
    /// The stages of which it is known what their nodes add.
    met: Vec<StageId>,
    /// Armed one-shot rules that may add anything.
    armed_anything: u32,
    /// Watched stages that may have lost their last source.
    candidates: Vec<StageId>,
    stale: bool,
}

impl Closing {
    /// Takes in a rule's declaration. [`Self::refresh`] must follow before anything is read.
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

    /// Whether it is known what the nodes of a stage may add while they run.
    #[inline]
    pub(crate) fn has_met(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_some_and(|entry| entry.met)
    }

    /// Takes in what the nodes of a stage may add while they run. Whether that is new.
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

    /// What adds this can still fire.
    pub(crate) fn arm(&mut self, adds: &Adds) {
        match adds {
            Adds::Anything => {
                self.armed_anything += 1;
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

    /// What adds this has fired, or never will.
    pub(crate) fn disarm(&mut self, adds: &Adds) {
        match adds {
            Adds::Anything => {
                self.armed_anything -= 1;
                if self.armed_anything == 0 && !self.stale {
                    for stage in &self.targets {
                        self.stages[stage.index()].open -= 1;
                    }
                    self.candidates.extend(&self.targets); // `closable` looks at them again
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

    #[inline]
    pub(crate) fn busy(&mut self, stage: StageId) {
        let entry = self.stage(stage);
        entry.busy += 1;
        if entry.busy == 1 && !entry.leads.is_empty() {
            self.source_comes(stage, false);
        }
    }

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

    /// The targets that a source of `stage` keeps open. An armed rule that adds the stage itself keeps that open as
    /// well.
    fn with_led(
        &mut self,
        stage: StageId,
        itself: bool,
        mut change: impl FnMut(&mut Stage, StageId, &mut Vec<StageId>),
    ) {
        if self.stale {
            return; // counted afresh before anything is read
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

    /// Counts afresh when a relation or a target is new. Whether it did.
    pub(crate) fn refresh(&mut self) -> bool {
        if !std::mem::take(&mut self.stale) {
            return false;
        }
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

    /// Whether what is counted is to be counted afresh.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Whether `from` leads to the target `to`.
    #[inline]
    pub(crate) fn leads(&self, from: StageId, to: StageId) -> bool {
        self.stages.get(from.index()).is_some_and(|entry| entry.leads.contains(&to))
    }

    /// Whether what is added may be a node of the target `to`, or lead to one.
    #[inline]
    pub(crate) fn may_bring(&self, adds: &Adds, to: StageId) -> bool {
        adds.may_bring(to, |from| self.leads(from, to))
    }

    /// Whether `from` leads to any target.
    #[inline]
    pub(crate) fn leads_anywhere(&self, from: StageId) -> bool {
        self.stages.get(from.index()).is_some_and(|entry| !entry.leads.is_empty())
    }

    /// Whether there may be a stage that can close.
    #[inline]
    pub(crate) fn has_candidates(&self) -> bool {
        !self.candidates.is_empty()
    }

    /// A stage that can close now because nothing leads to it any more.
    pub(crate) fn closable(&mut self) -> Option<StageId> {
        while let Some(stage) = self.candidates.pop() {
            let entry = &self.stages[stage.index()];
            if entry.watched && entry.open == 0 && !entry.closed {
                return Some(stage);
            }
        }
        None
    }

    pub(crate) fn close(&mut self, stage: StageId) {
        self.stage(stage).closed = true;
    }

    #[inline]
    pub(crate) fn is_closed(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_some_and(|entry| entry.closed)
    }

    /// Whether a stage that some rule waits for still has a source.
    pub(crate) fn is_open(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_none_or(|entry| !entry.watched || entry.open > 0)
    }

    /// The stages that lead to `stage`, worked out on the spot: also to one that nobody waits for.
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

    /// Whether a node of `stage` has not settled, or a rule is still to fire for one.
    pub(crate) fn is_busy(&self, stage: StageId) -> bool {
        self.stages.get(stage.index()).is_some_and(|entry| entry.busy > 0)
    }

    /// The stages that the run has met, in the order in which it did.
    pub(crate) fn met(&self) -> impl Iterator<Item = StageId> {
        self.met.iter().copied()
    }

    /// What is added for each node of `stage`: `None` when that may be anything.
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
