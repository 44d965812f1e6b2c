//! The outcome of attempts: retries, timeouts, and results that are no longer wanted.
//!
//! Called when an attempt ends (`run_state`), by the timekeeper ([`State::on_time`]), and to cancel
//! ([`State::cancel`]).

use super::admission::attempt_timers::Limit;
use super::run_state::State;
use crate::dag::{
    CancelScope, Cause, Event, Name, NodeError, NodeId, NodeState, NotRetried, StageId, Time, or_if_it_panics,
};
use crate::registry;
use foldhash::fast::FixedState;
use std::hash::BuildHasher;
use std::sync::Arc;

impl State {
    /// Returns the time of the next timer: something is due then even if no node ends.
    pub(crate) fn wakes(&self) -> Option<Time> {
        let next = [self.machine.wakes(), self.attempts.next(), self.resources.next_turn()];
        next.into_iter().flatten().min()
    }

    /// Starts the timers of an attempt at a node with a policy. Returns `true` if there may be another attempt.
    #[cold]
    pub(crate) fn begin_attempt(&mut self, node: NodeId, stage: StageId, at: Time) -> bool {
        self.careful = true;
        let policy = self.attempts.policy(node, stage);
        self.attempts.begin(node, &policy, at);
        self.attempt(node) < policy.retries.unwrap_or(0)
    }

    /// Forgets the attempts of a node that has ended for good, and drops its spare job.
    pub(crate) fn end_attempts(&mut self, node: NodeId) {
        self.attempts.forget(node);
        if let Some(spare) = self.jobs.get_mut(node.index()).and_then(Option::take) {
            self.later.drop_job(spare);
        }
    }

    /// Handles a failed attempt: the node is retried, or has failed.
    pub(crate) fn fail(&mut self, node: NodeId, stage: StageId, cause: Cause, at: Time) {
        let error = NodeError::new(self.machine.graph().name(node), registry::describe(stage).name, cause);
        let error = error.keyed(self.machine.graph().key(node));
        self.attempts.stop_timer(node);
        let (error, too_many) = match self.tried_again(node, stage, &error, at) {
            Ok(until) => match self.machine.attempts_reached(node) {
                None => return self.commit(&Event::AttemptFailed { node, error, until, at }),
                Some(why) => (error.not_tried_again(NotRetried::GrowthLimit), Some(why)),
            },
            Err(Some(why)) => (error.not_tried_again(why), None),
            Err(None) => (error, None),
        };
        self.end_attempts(node);
        self.commit(&Event::Failed { node, error, at });
        if let Some(why) = too_many {
            return self.cancel(CancelScope::EntireRun, why, at);
        }
        if self.judge.ends_at_node(stage) {
            let what = format!("node `{}`", Name(&self.machine.graph().name(node)));
            self.fail_fast(&what, at);
        }
    }

    /// Cancels the run if a failed rule ends it.
    pub(crate) fn judge_rule(&mut self, rule: &str, at: Time) {
        if self.judge.is_strict {
            self.fail_fast(&format!("rule `{}`", Name(rule)), at);
        }
    }

    fn fail_fast(&mut self, what: &str, at: Time) {
        self.cancel(CancelScope::EntireRun, format!("{what} failed, and the run was to fail fast"), at);
    }

    /// Returns the time of the next attempt.
    ///
    /// # Errors
    ///
    /// When there is none; with the reason if retries were left.
    fn tried_again(
        &self,
        node: NodeId,
        stage: StageId,
        error: &NodeError,
        at: Time,
    ) -> Result<Time, Option<NotRetried>> {
        let (policy, graph) = (self.attempts.policy(node, stage), self.machine.graph());
        let attempts = self.attempt(node).saturating_add(1);
        let refused = matches!(error.cause(), Cause::Refused(_) | Cause::TimedOut { deadline: true, .. });
        if attempts > policy.retries.unwrap_or(0) || refused || self.machine.is_cancelled() {
            return Err(None);
        }
        // The nodes that the attempt added stay in the graph: another attempt would add them twice.
        if self.machine.has_grown(node) {
            return Err(Some(NotRetried::AddedNodes));
        }
        match policy.retry_if.map(|retry_if| or_if_it_panics(|| Some(self.call_locked(|| retry_if(error))), None)) {
            Some(None) => return Err(Some(NotRetried::RetryIfPanicked)),
            Some(Some(false)) => return Err(Some(NotRetried::RetryIf)),
            Some(Some(true)) | None => {}
        }
        if !self.jobs.get(node.index()).is_some_and(Option::is_some) {
            // The worker that took the node makes the second job when it begins.
            let in_hand = matches!(error.cause(), Cause::TimedOut { .. });
            return Err(in_hand.then_some(NotRetried::NotBegun));
        }
        // The jitter is a hash and not random, so that a run is reproducible.
        let chance = FixedState::default().hash_one((graph.name(node), node, attempts));
        let until = at.later(policy.backoff.unwrap_or_default().delay(attempts, chance));
        if self.attempts.is_in_time(node, until) { Ok(until) } else { Err(Some(NotRetried::Deadline)) }
    }

    /// Handles everything that is due: attempts that timed out, the run's deadline, and the end of the grace period
    /// of a cancelled run.
    #[cold]
    pub(crate) fn on_time(&mut self, now: Time) {
        if self.stopped {
            return;
        }
        while let Some((node, Limit { after, deadline, .. })) = self.attempts.too_long(now) {
            if let Some(stage) = self.machine.graph().stage(node) {
                self.let_go(node);
                self.fail(node, stage, Cause::TimedOut { after, deadline }, now);
            }
        }
        self.give_turns(now);
        if let Some(after) = self.attempts.run_too_long(now) {
            self.cancel(CancelScope::EntireRun, format!("the run's deadline of {after:?} has passed"), now);
        }
        if self.attempts.is_grace_over(now) {
            self.cancel_running(now);
        }
    }

    /// Cancels the nodes in this scope. If it is the whole run, running nodes have a grace period.
    pub(crate) fn cancel(&mut self, what: CancelScope, why: String, at: Time) {
        if self.machine.is_cancelled() {
            return;
        }
        self.careful = true;
        if self.may_begin(what) {
            self.recall(at);
            if self.machine.is_cancelled() {
                return; // a node failed whose result was just reported, and the run was to fail fast
            }
        }
        let at = at.max(self.latest);
        self.commit(&Event::CancelRequested { what, why, at });
        if what == CancelScope::EntireRun {
            self.let_go.note();
            self.attempts.begin_grace(at.later(self.grace));
        }
    }

    fn cancel_running(&mut self, at: Time) {
        let why: Arc<str> = Arc::from(self.machine.stopped().unwrap_or_default());
        let running: Vec<NodeId> = self.machine.running().collect();
        running.into_iter().for_each(|node| self.cancel_one(node, &why, at));
    }

    /// Drops what a cancelled node waits for or has not used: its future, timers, spare job, permits and approval.
    pub(crate) fn drop_cancelled(&mut self, node: NodeId) {
        self.let_go(node);
        self.end_attempts(node);
        self.forget_needs(node);
        self.gate.iter_mut().for_each(|gate| gate.withdraw(node));
    }

    /// Discards the attempt at a node: a parked future is dropped, a running function is signalled, and its result
    /// will be ignored.
    fn let_go(&mut self, node: NodeId) {
        self.parked.remove(&node).into_iter().for_each(|task| self.later.stop(task));
        self.let_go.note();
    }

    /// Returns `true` if the result of this attempt is no longer wanted. A `Ready` node counts as running, because a
    /// worker that took several nodes may not have recorded its start yet.
    pub(crate) fn is_stray(&self, node: NodeId, attempt: u32) -> bool {
        let graph = self.machine.graph();
        let goes_on = matches!(graph.state(node), Some(NodeState::Running | NodeState::Ready));
        !goes_on || self.attempt(node) != attempt
    }

    /// Returns the number of the current or next attempt at a node, counted from 0.
    pub(crate) fn attempt(&self, node: NodeId) -> u32 {
        u32::try_from(self.machine.graph().failed_attempts(node).len()).unwrap_or(u32::MAX)
    }
}
