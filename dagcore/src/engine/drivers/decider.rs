//! Runs in which nothing happens that nobody has let: those with a decider, and those that go step by step.

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
    /// What can happen next.
    fn steps(&self) -> impl Iterator<Item = Step> {
        let gate = self.gate.as_ref();
        let dues = gate.into_iter().flat_map(|_| self.machine.all_due().map(Step::Rule));
        let nodes = gate.into_iter().flat_map(Gate::waiting).filter(|node| may_start(&self.machine, *node));
        dues.chain(nodes.map(Step::Node)).chain(self.may_finish().then_some(Step::Finish))
    }

    /// Whether nothing is left but to end the run.
    fn may_finish(&self) -> bool {
        let waits = self.gate.as_ref().is_some_and(|gate| gate.is_at_end && !gate.may_end);
        waits && self.machine.at_rest(Time::START).is_some()
    }

    /// Whether this can happen next.
    fn can_take(&mut self, step: Step) -> bool {
        let Some(gate) = &self.gate else { return false };
        match step {
            Step::Rule(due) => self.machine.is_due(due),
            Step::Node(node) => gate.holds(node) && may_start(&self.machine, node),
            Step::Finish => self.may_finish(),
        }
    }

    /// The first thing that can happen and was not refused, and whether there is anything at all.
    fn next_step(&mut self) -> (Option<Step>, bool) {
        let (any, at_end) = (self.steps().next().is_some(), self.may_finish());
        (self.gate.as_mut().and_then(|gate| gate.next_unrefused(&self.machine, at_end)), any)
    }

    /// Whether these events would end the run, and nobody has let it end.
    pub(crate) fn waits_to_end(&mut self, events: &[Event]) -> bool {
        let Some(gate) = &mut self.gate else { return false };
        let waits = matches!(events, [Event::RunEnded { .. }]) && !gate.may_end && !self.machine.is_cancelled();
        gate.is_at_end |= waits;
        waits
    }

    /// In words.
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
    /// Asks about everything that can happen, one after another.
    pub(crate) async fn ask(self: Arc<Self>, told: Arc<Signal>, mut decider: Box<dyn AnyDecider>) {
        loop {
            let told = told.listen(); // before the look, so that nothing new is missed
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

    /// Stops the run, because the decider has panicked.
    fn stop_at_decider(&self, state: &mut State, panic: Box<dyn Any + Send>) {
        let why = format!("the decider {}", Cause::of_panic(&*panic));
        state.later.drop_payload(panic);
        let now = self.now(state);
        self.stop(state, why, now);
    }

    /// What the decider says, or its panic; `None` when the run ends before it says anything.
    async fn answer(&self, decider: &mut dyn AnyDecider, choice: &Choice) -> Option<std::thread::Result<bool>> {
        let mut ended = pin!(self.ended.listen()); // before the look, so that no end is missed
        if self.state.lock().stopped {
            return None;
        }
        let ask = move || {
            let decider = decider; // taken, as what it gives borrows it
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

    /// What is to be asked next, and whether anything was refused before; `None` when the run is over.
    fn next_question(&self) -> Option<(Option<(Step, Choice)>, bool)> {
        let mut state = self.state.lock();
        if state.stopped {
            return None;
        }
        let (next, any) = state.next_step();
        Some((next.map(|step| (step, state.choice(step))), any))
    }

    /// Lets something happen, if it still can. Whether it did.
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
        if is_adding(self) || wait_for_others(self, &mut state).is_err() {
            return false; // a thread that adds cannot wait until that is done
        }
        now = now.max(state.latest);
        if state.stopped || !state.can_take(step) {
            return false; // while it waited, others went on
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

    /// What can happen next, in words.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let state = self.state.lock();
        state.steps().map(|step| state.choice(step)).collect()
    }

    /// Takes the step that this is, if it can still be taken. Whether it was.
    pub(crate) fn choose(self: &Arc<Self>, choice: &Choice) -> bool {
        let step = match *choice {
            Choice::ApplyRule { rule, node, .. } => Step::Rule(Due { rule, binding: node }),
            Choice::StartNode { node, .. } => Step::Node(node),
            Choice::EndRun => Step::Finish,
        };
        let mut state = self.state.lock();
        // A choice of another run may name what this one has as well.
        state.can_take(step) && state.choice(step) == *choice && self.take_step(state, step)
    }

    /// Waits until something can happen, and returns what `look` finds then; `None` when the run has ended.
    async fn at_next_step<R>(&self, look: impl Fn(&State, Step) -> R) -> Option<R> {
        let told = self.state.lock().gate.as_ref().map(|gate| Arc::clone(&gate.told))?;
        loop {
            let told = told.listen(); // before the look, so that nothing new is missed
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

    /// Waits until something can happen, and returns all that can, in words; nothing when the run has ended.
    pub(crate) async fn next_choices(&self) -> Vec<Choice> {
        let all = |state: &State, _| state.steps().map(|step| state.choice(step)).collect();
        self.at_next_step(all).await.unwrap_or_default()
    }

    /// Waits until something can happen, and lets the first happen; `None` when the run has ended.
    pub(crate) async fn step(self: &Arc<Self>) -> Option<Choice> {
        loop {
            if is_adding_to_any() {
                return None; // no step comes while the body goes on that this is called from
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

/// Lets everything happen: for runs whose steps are only counted.
pub(crate) struct Yes;

impl crate::port::Decider for Yes {
    async fn decide(&mut self, _: &Choice) -> bool {
        true
    }
}
