//! Taking in what bodies and running nodes add.

use super::run_state::State;
use crate::dag::{Additions, Event, NodeId, Refused, RuleId};
use crate::typed::{Batch, TagId};

/// Why nothing of a batch was taken in.
pub(crate) enum NotAdmitted {
    /// The additions are wrong in themselves: one sentence for each problem.
    Invalid(Vec<String>),
    /// They exceed a growth limit.
    GrowthLimit(String),
    Refused(Refused),
}

impl NotAdmitted {
    /// The sentence that says why.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::Invalid(problems) => problems.join("; "),
            Self::GrowthLimit(why) => why.clone(),
            Self::Refused(refused) => refused.to_string(),
        }
    }

    /// Whether the additions exceed a growth limit.
    pub(crate) fn is_growth_limit(&self) -> bool {
        matches!(self, Self::GrowthLimit(_))
    }
}

impl State {
    /// The memory of the last additions, for new ones.
    pub(crate) fn spare_batch(&mut self, tag: TagId) -> Box<Batch> {
        self.batch.take().unwrap_or_else(|| Box::new(Batch::new(tag)))
    }

    /// Takes in all that a batch adds below `above`, or nothing of it. `event` says who added it; it is a rule, or else
    /// the node `above`.
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
            batch.additions = additions; // their memory serves the next ones
        }
        committed.map_err(NotAdmitted::Refused)?;
        self.adopt(batch);
        // Whether the run ends is decided anew.
        self.gate.iter_mut().for_each(|gate| (gate.is_at_end, gate.may_end) = (false, false));
        Ok(())
    }

    /// Takes in the jobs and bodies of a batch whose additions the machine has taken in.
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

/// Moves all of `more` behind `all`; the first time together with its memory.
fn append<T>(all: &mut Vec<T>, more: &mut Vec<T>) {
    if all.is_empty() { std::mem::swap(all, more) } else { all.append(more) }
}
