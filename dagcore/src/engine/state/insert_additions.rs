//! Admitting the additions of rule bodies, running nodes and the run's handle.

use super::run_state::State;
use crate::dag::{Additions, Event, NodeId, Refused, RuleId};
use crate::typed::{Batch, TagId};

/// Why a batch was not admitted.
pub(crate) enum NotAdmitted {
    /// The additions are wrong in themselves: one sentence for each problem.
    Invalid(Vec<String>),
    /// They exceed a growth limit.
    GrowthLimit(String),
    Refused(Refused),
}

impl NotAdmitted {
    /// Returns the reason as a sentence.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::Invalid(problems) => problems.join("; "),
            Self::GrowthLimit(why) => why.clone(),
            Self::Refused(refused) => refused.to_string(),
        }
    }

    /// Returns `true` if the additions exceed a growth limit.
    pub(crate) fn is_growth_limit(&self) -> bool {
        matches!(self, Self::GrowthLimit(_))
    }
}

impl State {
    /// Returns a batch for new additions, which reuses the memory of the last.
    pub(crate) fn spare_batch(&mut self, tag: TagId) -> Box<Batch> {
        self.batch.take().unwrap_or_else(|| Box::new(Batch::new(tag)))
    }

    /// Admits all that a batch adds below `above`, or nothing of it. `event` builds the event; its origin is a rule,
    /// or else the node `above`.
    pub(crate) fn admit(
        &mut self,
        batch: &mut Batch,
        rule: Option<RuleId>,
        above: Option<NodeId>,
        event: impl FnOnce(Additions) -> Event,
    ) -> Result<(), NotAdmitted> {
        if !batch.problems.is_empty() {
            return Err(NotAdmitted::Invalid(std::mem::take(&mut batch.problems)));
        }
        if let Some(why) = self.machine.growth_limit_reached(rule, above, &batch.additions) {
            return Err(NotAdmitted::GrowthLimit(why));
        }
        let event = event(std::mem::take(&mut batch.additions));
        let committed = self.try_commit(&event);
        if let Event::Fired { additions, .. } | Event::Grown { additions, .. } = event {
            batch.additions = additions; // their memory is reused for the next ones
        }
        committed.map_err(NotAdmitted::Refused)?;
        self.adopt(batch);
        // There may be new steps before the end of the run: its approval is void.
        self.gate.iter_mut().for_each(|gate| (gate.is_at_end, gate.may_end) = (false, false));
        Ok(())
    }

    /// Takes over the jobs and bodies of a batch whose additions the machine has applied.
    pub(crate) fn adopt(&mut self, batch: &mut Batch) {
        append(&mut self.jobs, &mut batch.jobs);
        append(&mut self.bodies, &mut batch.bodies);
        if !batch.policies.is_empty() {
            self.attempts.extend(&mut batch.policies);
        }
        for (node, pools) in batch.pools.drain(..) {
            self.careful = true;
            self.resources.ask(node, pools);
        }
        if !batch.items.is_empty() {
            self.items.extend(batch.items.drain(..));
        }
    }
}

/// Appends `more` to `all`. The first time it moves the allocation instead of copying.
fn append<T>(all: &mut Vec<T>, more: &mut Vec<T>) {
    if all.is_empty() { std::mem::swap(all, more) } else { all.append(more) }
}
