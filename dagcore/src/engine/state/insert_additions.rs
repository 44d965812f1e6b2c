//! Taking in what bodies and running nodes add.

use super::run_state::State;
use crate::dag::{Additions, Event, NodeId, RuleId};
use crate::typed::{Batch, TagId};

/// Why nothing of a batch was taken in.
pub(crate) struct NotAdmitted {
    pub(crate) why: String,
    /// The run has grown too far, and is to be stopped.
    pub(crate) too_far: bool,
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
            return Err(NotAdmitted { why: batch.problems.join("; "), too_far: false });
        }
        if let Some(why) = self.machine.growth_limit_reached(rule, above, &batch.additions) {
            return Err(NotAdmitted { why, too_far: true });
        }
        let event = event(std::mem::take(&mut batch.additions));
        let committed = self.try_commit(&event);
        if let Event::Fired { additions, .. } | Event::Grown { additions, .. } = event {
            batch.additions = additions; // their memory serves the next ones
        }
        committed.map_err(|refused| NotAdmitted { why: refused.0, too_far: false })?;
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
