//! Runs in which every step needs approval: those with a decider, and stepwise runs.
//!
//! The decider's task ([`Shared::ask`]) or the run's handle ([`Shared::choose`], [`Shared::step`]) takes the steps
//! that wait at the [`Gate`].

use super::additions::adding_threads::{is_adding, is_adding_to_any, wait_for_others};
use super::rule_bodies::run_chosen;
use super::timers::NO_TIMERS;
use crate::dag::{CancelScope, Cause, Due, Event, Time, quietly};
use crate::engine::state::admission::approval_gate::{Gate, Step, may_start};
use crate::engine::state::lock::Locked;
use crate::engine::state::run_state::State;
use crate::engine::state::shared::Shared;
use crate::port::{AnyDecider, Choice, Signal};
use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::time::timeout;

impl State {
    /// Returns the steps that can be taken next.
    fn steps(&self) -> impl Iterator<Item = Step> {
        let gate = self.gate.as_ref();
        let dues = gate.into_iter().flat_map(|_| self.machine.all_due().map(Step::Rule));
        let nodes = gate.into_iter().flat_map(Gate::waiting).filter(|node| may_start(&self.machine, *node));
        dues.chain(nodes.map(Step::Node)).chain(self.may_finish().then_some(Step::Finish))
    }

    /// Returns `true` if only the end of the run is left, and awaits approval.
    fn may_finish(&self) -> bool {
        let waits = self.gate.as_ref().is_some_and(|gate| gate.is_at_end && !gate.may_end);
        waits && self.machine.at_rest(Time::START).is_some()
    }

    /// Returns `true` if this step can be taken next.
    fn can_take(&mut self, step: Step) -> bool {
        let Some(gate) = &self.gate else { return false };
        match step {
            Step::Rule(due) => self.machine.is_due(due),
            Step::Node(node) => gate.holds(node) && may_start(&self.machine, node),
            Step::Finish => self.may_finish(),
        }
    }

    /// Returns the first step that can be taken and was not refused, and whether there is any step at all.
    fn next_step(&mut self) -> (Option<Step>, bool) {
        let (any, at_end) = (self.steps().next().is_some(), self.may_finish());
        (self.gate.as_mut().and_then(|gate| gate.next_unrefused(&self.machine, at_end)), any)
    }

    /// Returns `true` if these events would end the run and that is not approved. A cancelled run ends without
    /// approval.
    pub(crate) fn waits_to_end(&mut self, events: &[Event]) -> bool {
        let Some(gate) = &mut self.gate else { return false };
        let waits = matches!(events, [Event::RunEnded { .. }]) && !gate.may_end && !self.machine.is_cancelled();
        gate.is_at_end |= waits;
        waits
    }

    /// Describes a step to the decider or the handle.
    pub(crate) fn choice(&self, step: Step) -> Choice {
        let graph = self.machine.graph();
        match step {
            Step::Rule(due) => Choice::ApplyRule {
                rule: due.rule,
                name: self.machine.rule_name(due.rule).to_owned(),
                node: due.binding,
                node_name: due.binding.map(|node| graph.name(node)),
            },
            Step::Node(node) => {
                let stage = graph.stage_name(node);
                Choice::StartNode { node, name: graph.name(node), stage }
            }
            Step::Finish => Choice::EndRun,
        }
    }
}

impl Shared {
    /// Runs the decider on every step, one after another, until the run ends.
    pub(crate) async fn ask(self: Arc<Self>, told: Arc<Signal>, mut decider: Box<dyn AnyDecider>) {
        loop {
            let told = told.listen(); // before the check, so that no new step is missed
            let Some((next, any)) = self.next_question() else { return };
            let Some((step, choice)) = next else {
                if !any {
                    told.await;
                    continue;
                }
                let pause = match catch_unwind(AssertUnwindSafe(|| decider.again())) {
                    Ok(pause) => pause,
                    Err(panic) => return self.stop_at_decider(&mut self.state.lock(), panic),
                };
                // `timeout` panics in a runtime without timers, and a runtime cannot be queried for them.
                match catch_unwind(AssertUnwindSafe(|| timeout(pause, told))) {
                    Ok(wait) => {
                        if wait.await.is_err() {
                            self.state.lock().gate.iter_mut().for_each(Gate::ask_again);
                        }
                    }
                    Err(_) => return self.stop(&mut self.state.lock(), NO_TIMERS.to_owned(), self.clock.now()),
                }
                continue;
            };
            // The decider runs without the lock; `take_step` checks again that the step is possible.
            let Some(asked) = self.answer(&mut *decider, &choice).await else { return };
            let mut state = self.state.lock();
            if state.stopped {
                return;
            }
            match asked {
                Ok(true) => drop(self.take_step(state, step)),
                Ok(false) => {
                    let events = state.machine.events();
                    state.gate.iter_mut().for_each(|gate| gate.refuse(step, events));
                }
                Err(panic) => return self.stop_at_decider(&mut state, panic),
            }
        }
    }

    /// Stops the run because the decider has panicked.
    fn stop_at_decider(&self, state: &mut State, panic: Box<dyn Any + Send>) {
        let why = format!("the decider {}", Cause::of_panic(&*panic));
        state.later.drop_payload(panic);
        let now = self.now(state);
        self.stop(state, why, now);
    }

    /// Returns the decision, or the decider's panic; `None` if the run ends before there is one.
    async fn answer(&self, decider: &mut dyn AnyDecider, choice: &Choice) -> Option<std::thread::Result<bool>> {
        let mut ended = pin!(self.ended.listen()); // before the check, so that no end is missed
        if self.state.lock().stopped {
            return None;
        }
        let ask = move || {
            let decider = decider; // moved in, as the future borrows it
            decider.decide(choice)
        };
        let mut asking = match catch_unwind(AssertUnwindSafe(ask)) {
            Ok(asking) => asking,
            Err(panic) => return Some(Err(panic)),
        };
        let answer = poll_fn(|context| {
            if ended.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            match catch_unwind(AssertUnwindSafe(|| asking.as_mut().poll(context))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(may)) => Poll::Ready(Some(Ok(may))),
                Err(panic) => Poll::Ready(Some(Err(panic))),
            }
        });
        let answer = answer.await;
        quietly(asking);
        answer
    }

    /// Returns the next step to decide, and whether there is any step at all; `None` when the run is over.
    fn next_question(&self) -> Option<(Option<(Step, Choice)>, bool)> {
        let mut state = self.state.lock();
        if state.stopped {
            return None;
        }
        let (next, any) = state.next_step();
        Some((next.map(|step| (step, state.choice(step))), any))
    }

    /// Takes a step, if it is still possible. Returns `true` if it was taken.
    pub(crate) fn take_step(self: &Arc<Self>, mut state: Locked<'_>, step: Step) -> bool {
        let mut now = self.now(&state);
        if state.stopped {
            return false;
        }
        if state.gate.as_ref().is_some_and(|gate| gate.left == Some(0)) {
            state.cancel(CancelScope::EntireRun, "the run has taken as many steps as it was to".to_owned(), now);
            self.settle(&mut state, &mut now);
            self.call_for_help(state, now);
            return false;
        }
        // A body may be running without the lock; its additions come first. Waiting releases the lock.
        if is_adding(self) || wait_for_others(self, &mut state).is_err() {
            return false; // a thread that adds cannot wait for its own body
        }
        now = now.max(state.latest);
        if state.stopped || !state.can_take(step) {
            return false; // other threads went on during the wait
        }
        let taken = match step {
            Step::Rule(due) => {
                let is_there = state.machine.take_due(due);
                if is_there {
                    run_chosen(self, &mut state, due, now);
                }
                is_there
            }
            Step::Node(node) => {
                let is_ready = may_start(&state.machine, node);
                let waits = is_ready && state.gate.as_mut().is_some_and(|gate| gate.open(node));
                if waits {
                    state.machine.give_back(&[node]);
                }
                waits
            }
            Step::Finish => state.gate.as_mut().is_some_and(|gate| !std::mem::replace(&mut gate.may_end, true)),
        };
        if let Some(left) = state.gate.as_mut().and_then(|gate| gate.left.as_mut()).filter(|_| taken) {
            *left -= 1;
        }
        self.settle(&mut state, &mut now);
        self.call_for_help(state, now);
        taken
    }

    /// Returns all steps that can be taken next.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let state = self.state.lock();
        state.steps().map(|step| state.choice(step)).collect()
    }

    /// Takes the step that a choice describes, if it is still possible. Returns `true` if it was taken.
    pub(crate) fn choose(self: &Arc<Self>, choice: &Choice) -> bool {
        let step = match *choice {
            Choice::ApplyRule { rule, node, .. } => Step::Rule(Due { rule, binding: node }),
            Choice::StartNode { node, .. } => Step::Node(node),
            Choice::EndRun => Step::Finish,
        };
        let mut state = self.state.lock();
        // The choice may belong to another run whose ids also exist in this one: its names are compared, too.
        state.can_take(step) && state.choice(step) == *choice && self.take_step(state, step)
    }

    /// Waits until a step is possible, and returns the result of `look`; `None` when the run has ended.
    async fn at_next_step<R>(&self, look: impl Fn(&State, Step) -> R) -> Option<R> {
        let told = self.state.lock().gate.as_ref().map(|gate| Arc::clone(&gate.told))?;
        loop {
            let told = told.listen(); // before the check, so that no new step is missed
            {
                let state = self.state.lock();
                if state.stopped {
                    return None;
                }
                if let Some(first) = state.steps().next() {
                    return Some(look(&state, first));
                }
            }
            told.await;
        }
    }

    /// Waits until a step is possible, and returns all that are; empty when the run has ended.
    pub(crate) async fn next_choices(&self) -> Vec<Choice> {
        let all = |state: &State, _| state.steps().map(|step| state.choice(step)).collect();
        self.at_next_step(all).await.unwrap_or_default()
    }

    /// Waits until a step is possible, and takes the first; `None` when the run has ended.
    pub(crate) async fn step(self: &Arc<Self>) -> Option<Choice> {
        loop {
            if is_adding_to_any() {
                return None; // no step is possible while the calling body runs
            }
            let step = self.at_next_step(|_, first| first).await?;
            let state = self.state.lock();
            let choice = state.choice(step);
            if self.take_step(state, step) {
                return Some(choice);
            }
        }
    }
}

/// Approves every step: for runs whose steps are only counted.
pub(crate) struct Yes;

impl crate::port::Decider for Yes {
    async fn decide(&mut self, _: &Choice) -> bool {
        true
    }
}
