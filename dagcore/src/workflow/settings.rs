//! What a workflow says of its run.

use super::Workflow;
use crate::dag::{GrowthLimits, StartOrder, Tolerance};
use crate::port::{AttemptPolicy, Decider, Needs, Rate, Tracker, Watcher};
use crate::registry;
use crate::typed::Stage;
use std::time::Duration;

impl Workflow {
    /// Lets at most `most` nodes run at once. Without it there is no limit: async stages wait together by the
    /// thousand, of plain ones as many run at once as there are processors.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.settings.concurrency = most;
        self
    }

    /// A pool of something that nodes share while they run: memory, licences, connections. A node starts when all that it
    /// needs is there; who waits for a pool, a concurrency limit or a rate is served in turn, whatever its priority.
    /// Stages say what their nodes take, calls may say otherwise.
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

    /// Lets at most `most` nodes of a stage run at once, whatever the stage's own `concurrency` says.
    pub fn stage_concurrency<S: Stage>(mut self, most: u32) -> Self {
        self.needs::<S>().concurrency = Some(most);
        self
    }

    /// Lets nodes of a stage start no faster than this, whatever the stage's own `rate` says.
    pub fn rate<S: Stage>(mut self, rate: Rate) -> Self {
        self.needs::<S>().rate = Some(rate);
        self
    }

    fn needs<S: Stage>(&mut self) -> &mut Needs {
        self.settings.needs.entry(registry::id(S::spec())).or_default()
    }

    /// In which order nodes start that could start: [depth first](StartOrder::DepthFirst), unless this says otherwise. See
    /// [`StartOrder`].
    pub fn start_order(mut self, start_order: StartOrder) -> Self {
        self.settings.start_order = start_order;
        self
    }

    /// What is asked of the attempts to run nodes, where neither the call of a node nor its stage says it: how often they are
    /// tried again, and how long they may take. See [`AttemptPolicy`].
    pub fn attempt_policy(mut self, attempt_policy: AttemptPolicy) -> Self {
        self.settings.attempt_policy = attempt_policy;
        self
    }

    /// Asks somebody before a rule is applied, before a node starts, and before the run ends: see [`Decider`]. Of several the
    /// last one counts. Runs of `dagcore::testing` ask nobody.
    pub fn decide(mut self, decider: impl Decider) -> Self {
        self.settings.decider = Some(Box::new(decider));
        self
    }

    /// Lets nothing happen by itself: who has the [`Run`](crate::Run) in the hand takes one step after another, with
    /// [`Run::step`](crate::Run::step) or [`Run::choose`](crate::Run::choose). It is started with [`start`](Self::start).
    pub fn stepwise(mut self) -> Self {
        self.settings.stepwise = true;
        self
    }

    /// Cancels the run when it would take more steps than this: applications of rules, starts of nodes, and the end of the
    /// run are steps.
    pub fn max_steps(mut self, most: usize) -> Self {
        self.settings.max_steps = Some(most);
        self
    }

    /// Cancels the run at the first failure of a node or a rule, but for failures that are [tolerated](Self::tolerate). Without
    /// it the run goes on, and only what needs a failed node is skipped.
    ///
    /// A failure that is followed by another attempt is none yet.
    pub fn fail_fast(mut self) -> Self {
        self.settings.fail_fast = true;
        self
    }

    /// Up to this number, or this ratio, of failures of a stage is no failure of the run: it ends as a success, and
    /// goes on when it was to [fail fast](Self::fail_fast). What needs a failed node is skipped all the same, unless it
    /// takes a [`Gathered`](crate::Gathered) or an [`Outcome`](crate::Outcome), and the report has every failure.
    ///
    /// Which share of a stage's nodes failed is known in the end: a ratio never ends a run early.
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

    /// How long the whole run may take. When it takes longer, it is [cancelled](crate::Run::cancel). Without this it may
    /// take any time.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    /// How long what runs may go on when the run is [cancelled](crate::Run::cancel), before it is cancelled too: two
    /// seconds, unless this says otherwise.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Lets the run grow so far and no further. A rule that would go beyond stops the run at once: nothing more
    /// starts, waiting async stages are dropped, and the failure names the rule and the firings that led to it. A node that would
    /// be tried again beyond the limit of failed attempts fails, and the run is cancelled, in order.
    pub fn growth_limits(mut self, growth_limits: GrowthLimits) -> Self {
        self.settings.growth_limits = growth_limits;
        self
    }

    /// Keeps the outputs of all nodes of a stage to the end, for the report.
    ///
    /// Without it, an output is dropped as soon as nothing can read it any more: every node that needs it has ended, and
    /// no rule that can still fire will be given it. What no node needed, and what the program itself added, is kept in
    /// any case.
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

    /// Lets somebody watch the run: see [`Tracker`]. There may be several; each hears of everything.
    ///
    /// A tracker that is slow or panics does not hold the run up: see [`Report::trackers`](crate::Report::trackers) for what
    /// became of it.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// use dagcore::{Happened, Known, Tracker};
    /// use std::collections::BTreeMap;
    /// use std::sync::{Arc, Mutex};
    ///
    /// /// Counts the nodes of each stage that succeed.
    /// #[derive(Clone, Default)]
    /// struct Counting(Arc<Mutex<BTreeMap<&'static str, usize>>>);
    ///
    /// impl Tracker for Counting {
    ///     fn event(&mut self, happened: &Happened, known: &Known) {
    ///         if let Happened::Succeeded { node, .. } = happened {
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
