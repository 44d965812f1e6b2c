//! The settings of a workflow's run.

use super::Workflow;
use crate::dag::{GrowthLimits, StartOrder, Tolerance};
use crate::port::{AttemptPolicy, Decider, Needs, Rate, Tracker, Watcher};
use crate::registry;
use crate::typed::Stage;
use std::time::Duration;

impl Workflow {
    /// Limits the run to `most` nodes at a time. The default is no limit: async stages wait concurrently by the
    /// thousand, and as many plain stages run at once as there are processors.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.settings.concurrency = most;
        self
    }

    /// Adds a pool of `size` units of a resource that nodes share while they run, such as memory, licences or
    /// connections.
    ///
    /// A node starts when all the resources that it needs are available. Nodes that wait for a pool, a concurrency
    /// limit or a rate are served in the order of their arrival, regardless of priority. A stage declares how many
    /// units its nodes take, and a call can override this.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage(pool(memory = 3))]
    /// async fn sort(n: u64) -> u64 {
    ///     tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    ///     n
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), dagcore::Error> {
    /// let mut flow = Workflow::new("sorts").pool("memory", 8);
    /// for n in 0..4 {
    ///     flow.add(sort::new(n));
    /// }
    /// flow.add(sort::new(9).pool("memory", 8));
    /// // Two at a time, and the large one alone.
    /// assert_eq!(flow.run().await?.duration().as_secs(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn pool(mut self, name: impl Into<String>, size: u32) -> Self {
        self.settings.pools.push((name.into(), size));
        self
    }

    /// Limits a stage to `most` running nodes at a time, and overrides the stage's own `concurrency`.
    pub fn stage_concurrency<S: Stage>(mut self, most: u32) -> Self {
        self.needs::<S>().concurrency = Some(most);
        self
    }

    /// Limits the rate at which nodes of a stage start, and overrides the stage's own `rate`.
    pub fn rate<S: Stage>(mut self, rate: Rate) -> Self {
        self.needs::<S>().rate = Some(rate);
        self
    }

    fn needs<S: Stage>(&mut self) -> &mut Needs {
        self.settings.needs.entry(registry::id(S::spec())).or_default()
    }

    /// Sets the order in which ready nodes start. The default is [depth first](StartOrder::DepthFirst). See
    /// [`StartOrder`].
    pub fn start_order(mut self, start_order: StartOrder) -> Self {
        self.settings.start_order = start_order;
        self
    }

    /// Sets the default retries, backoff, timeout and deadline of nodes. The options of a stage and of a call take
    /// precedence. See [`AttemptPolicy`].
    pub fn attempt_policy(mut self, attempt_policy: AttemptPolicy) -> Self {
        self.settings.attempt_policy = attempt_policy;
        self
    }

    /// Registers an approval hook, which is called before a rule is applied, before a node starts, and before the run
    /// ends: see [`Decider`]. The last one registered is used. Runs of `dagcore::testing` do not call it.
    pub fn decide(mut self, decider: impl Decider) -> Self {
        self.settings.decider = Some(Box::new(decider));
        self
    }

    /// Runs the workflow step by step: the holder of the [`Run`](crate::Run) takes each step with
    /// [`Run::step`](crate::Run::step) or [`Run::choose`](crate::Run::choose). Such a workflow must be started with
    /// [`start`](Self::start).
    pub fn stepwise(mut self) -> Self {
        self.settings.stepwise = true;
        self
    }

    /// Cancels the run when it would exceed `most` steps. Each application of a rule, each start of a node, and the end
    /// of the run is a step.
    pub fn max_steps(mut self, most: usize) -> Self {
        self.settings.max_steps = Some(most);
        self
    }

    /// Cancels the run at the first failure of a node or a rule, except for [tolerated](Self::tolerate) failures. By
    /// default the run continues, and only the dependents of a failed node are skipped.
    ///
    /// An attempt that is retried does not count as a failure.
    pub fn fail_fast(mut self) -> Self {
        self.settings.fail_fast = true;
        self
    }

    /// Tolerates failures of a stage, up to a number or a ratio: the run still ends as a success, and it continues if
    /// it would otherwise [fail fast](Self::fail_fast). The dependents of a failed node are skipped all the same,
    /// unless they take a [`Gathered`](crate::Gathered) or an [`Outcome`](crate::Outcome), and the report lists every
    /// failure.
    ///
    /// The ratio of failed nodes is known only at the end of the run, so a ratio never ends a run early.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use dagcore::Tolerance;
    ///
    /// #[stage]
    /// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    ///     text.parse()
    /// }
    ///
    /// #[stage]
    /// fn sum(numbers: Gathered<u32>) -> u32 {
    ///     numbers.outputs().sum()
    /// }
    ///
    /// let texts = ["1", "2", "three", "4", "5"];
    /// let flow = |tolerance| {
    ///     let mut flow = Workflow::new("sum").tolerate::<parse>(tolerance);
    ///     let numbers = texts.map(|text| flow.add(parse::new(text)));
    ///     flow.add(sum::new(numbers));
    ///     flow
    /// };
    /// let report = flow(Tolerance::Ratio(0.2)).run_blocking()?;
    /// assert_eq!((*report.only::<sum>()?, report.failures().count()), (12, 1));
    /// assert!(flow(Tolerance::Ratio(0.1)).run_blocking().is_err());
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn tolerate<S: Stage>(mut self, tolerance: Tolerance) -> Self {
        self.settings.tolerated.insert(registry::id(S::spec()), tolerance);
        self
    }

    /// Sets the maximum duration of the whole run. A run that exceeds it is [cancelled](crate::Run::cancel). The
    /// default is no limit.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    /// Sets the grace period: how long running nodes may continue after the run is [cancelled](crate::Run::cancel),
    /// before they are cancelled too. The default is two seconds.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Limits the growth of the run. A rule that would exceed a limit stops the run at once: nothing more starts,
    /// waiting async stages are dropped, and the failure names the rule and the firings that led to it. A node that
    /// would be retried beyond the limit of failed attempts fails, and the run is cancelled gracefully.
    pub fn growth_limits(mut self, growth_limits: GrowthLimits) -> Self {
        self.settings.growth_limits = growth_limits;
        self
    }

    /// Keeps the outputs of all nodes of a stage until the end of the run, for the report.
    ///
    /// By default, an output is dropped as soon as nothing can read it any more: all its dependents have ended, and no
    /// rule that can still fire will receive it. Outputs of nodes without dependents, and of nodes that the program
    /// itself added, are always kept.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn squares(n: u64) -> Vec<u64> {
    ///     (0..n).map(|n| n * n).collect()
    /// }
    ///
    /// #[stage]
    /// fn sum(list: &[u64]) -> u64 {
    ///     list.iter().sum()
    /// }
    ///
    /// #[stage]
    /// fn many() -> u64 {
    ///     3
    /// }
    ///
    /// rule! {
    ///     split: when each(many), adds [squares, sum],
    ///     then |grow, _node, many| for n in 0..*many {
    ///         let list = grow.add(squares::new(n));
    ///         grow.add(sum::new(list));
    ///     }
    /// }
    ///
    /// let flow = || {
    ///     let mut flow = Workflow::new("squares").rules(rules![split]);
    ///     flow.add(many::new());
    ///     flow
    /// };
    /// let report = flow().run_blocking()?;
    /// assert_eq!(report.outputs::<sum>()?.copied().collect::<Vec<_>>(), [0, 0, 1]);
    /// assert!(report.outputs::<squares>().is_err()); // the sums have read them
    /// assert_eq!(flow().keep::<squares>().run_blocking()?.outputs::<squares>()?.count(), 3);
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn keep<S: Stage>(mut self) -> Self {
        self.settings.keep.push(registry::id(S::spec()));
        self
    }

    /// Registers a [`Tracker`], which receives every event of the run. There can be several.
    ///
    /// A tracker that is slow or panics does not delay the run: [`Report::trackers`](crate::Report::trackers) reports
    /// how each tracker ended.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use dagcore::{Event, RunSnapshot, Tracker};
    /// use std::collections::BTreeMap;
    /// use std::sync::{Arc, Mutex};
    ///
    /// /// Counts the nodes of each stage that succeed.
    /// #[derive(Clone, Default)]
    /// struct Counting(Arc<Mutex<BTreeMap<&'static str, usize>>>);
    ///
    /// impl Tracker for Counting {
    ///     fn event(&mut self, happened: &Event, known: &RunSnapshot) {
    ///         if let Event::Succeeded { node, .. } = happened {
    ///             *self.0.lock().unwrap().entry(known.stage_name(*node)).or_default() += 1;
    ///         }
    ///     }
    /// }
    ///
    /// #[stage]
    /// fn half(n: u32) -> u32 {
    ///     n / 2
    /// }
    ///
    /// rule! {
    ///     again: when each(half), adds [half] within 10,
    ///     then |grow, node, n| if *n > 0 { grow.add(half::new(node)); }
    /// }
    ///
    /// let counting = Counting::default();
    /// let mut flow = Workflow::new("halves").rules(rules![again]).track(counting.clone());
    /// flow.add(half::new(10_u32));
    /// let report = flow.run_blocking()?;
    /// assert_eq!(counting.0.lock().unwrap()["half"], 4);
    /// assert!(report.trackers()[0].is_complete());
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn track(mut self, tracker: impl Tracker + 'static) -> Self {
        self.settings.watchers.push(Watcher::new(Box::new(tracker)));
        self
    }
}
