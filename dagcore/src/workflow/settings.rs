//! What a workflow says of its run.

use super::Workflow;
use crate::dag::{Caps, Order};
use crate::port::{Policy, Tracker, Watcher};
use crate::registry;
use crate::typed::Stage;
use std::time::Duration;

impl Workflow {
    /// Lets at most `most` nodes run at once. Without it there is no limit: async stages wait together by the
    /// thousand, of plain ones as many run at once as there are processors.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.settings.limit = most;
        self
    }

    /// In which order nodes start that could start: [depth first](Order::DepthFirst), unless this says otherwise. See
    /// [`Order`].
    pub fn order(mut self, order: Order) -> Self {
        self.settings.order = order;
        self
    }

    /// What is asked of the attempts to run nodes, where neither the call of a node nor its stage says it: how often they are
    /// tried again, and how long they may take. See [`Policy`].
    pub fn policy(mut self, policy: Policy) -> Self {
        self.settings.policy = policy;
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
    /// starts, waiting async stages are dropped, and the failure names the rule and the firings that led to it.
    pub fn caps(mut self, caps: Caps) -> Self {
        self.settings.caps = caps;
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
    /// assert_eq!(report.all::<sum>()?.copied().collect::<Vec<_>>(), [0, 0, 1]);
    /// assert!(report.all::<squares>().is_err()); // the sums have read them
    /// assert_eq!(flow().keep::<squares>().run_blocking()?.all::<squares>()?.count(), 3);
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
