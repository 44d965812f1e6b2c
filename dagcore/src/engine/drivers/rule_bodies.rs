//! Running the bodies of rules, one at a time, without the lock.
//!
//! Workers call [`grow`] when they settle; the step driver and the decider choose single bodies with [`run_chosen`].

use super::additions::adding_threads::Adder;
use crate::dag::{Cause, Due, Event, RuleError, Time, quietly};
use crate::engine::state::lock::Locked;
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use crate::typed::{Batch, Found, RuleBody};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Number of bodies that run before the worker attends to other work.
const MOST_BODIES: usize = 64;

/// Runs the bodies that are due, up to `MOST_BODIES`. Returns `true` if there are more. The caller has set `growing`,
/// so that no other thread runs one.
pub(crate) fn grow(shared: &Shared, state: &mut Locked<'_>, now: &mut Time) -> bool {
    let mut batch = state.spare_batch(shared.tag);
    for _ in 0..MOST_BODIES {
        if state.stopped {
            break;
        }
        let Some(due) = state.machine.next_due() else { break };
        run_body(shared, state, due, &mut batch, *now);
    }
    state.batch = Some(batch);
    *now = shared.clock.now();
    !state.stopped && state.machine.has_due()
}

/// Runs one body that was chosen. The caller ensures that no other thread runs one.
pub(crate) fn run_chosen(shared: &Shared, state: &mut Locked<'_>, due: Due, now: Time) {
    state.growing = true;
    let mut batch = state.spare_batch(shared.tag);
    run_body(shared, state, due, &mut batch, now);
    state.batch = Some(batch);
    state.growing = false;
    shared.grown.notify_all();
}

/// Runs one body. The caller ensures that no other thread runs one.
fn run_body(shared: &Shared, state: &mut Locked<'_>, due: Due, batch: &mut Batch, now: Time) {
    let Some(mut body) = state.bodies[due.rule.index()].take() else { return };
    let found = Found { machine: &state.machine, outputs: &state.outputs, tag: shared.tag, node: due.binding };
    let prepared = body.prepare(&found);
    batch.reset(state.machine.graph().len(), state.machine.parent_of_firing(due.rule, due.binding));
    // A rule without a binding fires once, and its body is not needed again.
    let (fires_again, mut left) = (due.binding.is_some(), None);
    // The lock is released while the body runs. `growing` keeps other threads from adding, so the ids that the batch
    // assigned stay valid.
    let grown = match prepared {
        Ok(()) => state.unlocked(|| {
            let grown = fire(&mut *body, batch, shared);
            if fires_again {
                left = Some(body)
            } else {
                quietly(body)
            }
            grown
        }),
        Err(cause) => {
            left = Some(body);
            Err(cause)
        }
    };
    // The run was stopped meanwhile, and the report may have taken the state away.
    if state.stopped {
        return state.unlocked(|| {
            quietly(left);
            quietly(grown);
            batch.discard();
        });
    }
    state.bodies[due.rule.index()] = left;
    let now = now.max(state.latest); // the workers went on while the body ran
    state.latest = now;
    take_in(shared, state, due, grown, batch, now);
    if !batch.is_taken_in() {
        state.unlocked(|| batch.discard());
    }
    state.follow(shared.tag, now);
}

/// Runs the body. A panic is its failure.
fn fire(body: &mut dyn RuleBody, batch: &mut Batch, shared: &Shared) -> Result<(), Cause> {
    let adds = Adder::to(shared);
    let fired = catch_unwind(AssertUnwindSafe(|| body.fire(batch, shared)));
    drop(adds);
    fired.unwrap_or_else(|panic| Err(Cause::panic(panic)))
}

/// Admits the additions of a body, or commits its failure.
fn take_in(shared: &Shared, state: &mut State, due: Due, grown: Result<(), Cause>, batch: &mut Batch, at: Time) {
    let Due { rule, binding } = due;
    let mut too_far = None;
    let fired = grown.and_then(|()| {
        let above = batch.parent;
        let admitted = state.admit(batch, Some(rule), above, |additions| Event::Fired { rule, binding, additions, at });
        admitted.map_err(|refused| {
            too_far = refused.is_growth_limit().then(|| refused.why());
            Cause::Refused(refused.why().into())
        })
    });
    if let Err(cause) = fired {
        let bound = binding.map(|node| state.machine.graph().name(node));
        let name = state.machine.rule_name(rule).to_owned();
        let error = RuleError::new(name.as_str(), bound, cause);
        state.commit(&Event::RuleFailed { rule, binding, error, at });
        state.judge_rule(&name, at);
    }
    if let Some(why) = too_far {
        shared.stop(state, why, at);
    }
}
