//! The roof: what a program starts from.

use crate::dag::{Caps, Key, Possible, Prints, StageId, unlawful};
use crate::engine::{Plan, Program};
use crate::error::{BuildError, Error};
use crate::port::{MocksByStage, Tracker, Watcher};
use crate::registry;
use crate::report::Report;
use crate::run::Run;
use crate::typed::{Adder, Node, Rule, Rules, Stage, StageCall, Tag};
use crate::view::Picture;
use std::any::TypeId;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// A graph in the making, and the rules by which it grows while it runs.
///
/// ```
/// use dagcore::prelude::*;
///
/// /// Splits a text into words.
/// #[stage]
/// fn words(text: &str) -> Vec<String> {
///     text.split_whitespace().map(str::to_owned).collect()
/// }
///
/// #[stage]
/// async fn length(word: String) -> usize {
///     word.len()
/// }
///
/// #[stage]
/// fn longest(lengths: &[usize]) -> usize {
///     lengths.iter().copied().max().unwrap_or(0)
/// }
///
/// # fn main() -> Result<(), dagcore::Error> {
/// let mut flow = Workflow::new("words");
/// let words = flow.add(words::new("a graph that grows"));
/// let lengths = flow.map(words, |word| length::new(word));
/// let longest = flow.add(longest::new(lengths));
/// assert_eq!(*flow.run_blocking()?.output(longest)?, 5);
/// # Ok(())
/// # }
/// ```
#[must_use = "a workflow does nothing until it is run"]
pub struct Workflow {
    tag: Tag,
    /// What has been added so far. Who looks at it lets it be taken in first.
    program: RefCell<Program>,
    limit: usize,
    caps: Caps,
    /// The rules that are items: for each name the first of that name, and its module.
    items: HashMap<String, (TypeId, &'static str)>,
    /// The stages whose outputs are kept.
    keep: Vec<StageId>,
    /// What runs in place of stages' functions.
    pub(crate) mocks: Option<MocksByStage>,
    /// Who watches.
    watchers: Vec<Watcher>,
}

impl Workflow {
    /// An empty workflow. The name is for pictures and messages.
    pub fn new(name: impl Into<String>) -> Self {
        let tag = Tag::new(Arc::from(name.into()));
        let program = RefCell::new(Program::new(tag.id()));
        let (limit, caps) = (usize::MAX, Caps::default());
        Self { tag, program, limit, caps, items: HashMap::new(), keep: Vec::new(), mocks: None, watchers: Vec::new() }
    }

    /// Registers rules that were declared as items, and gives the workflow back:
    /// `let flow = Workflow::new("deps").rules(rules![follow, summarise]);`. Each is registered once, and has a name
    /// of its own. Rules of several lists are held to the laws of [`rules!`](crate::rules!) when the workflow is run.
    pub fn rules<L>(mut self, rules: Rules<L>) -> Self {
        let batch = self.program.get_mut().batch();
        for (item, module, rule) in rules.rules {
            let name = &*rule.draft.spec.name;
            match self.items.get(name) {
                Some(known) => batch.problems.push(of_one_name(name, *known, (item, module))),
                None => drop(self.items.insert(name.to_owned(), (item, module))),
            }
            batch.items.push(item);
            batch.rule(rule);
        }
        self
    }

    /// Registers a rule, made where handles are at hand.
    pub fn rule(&mut self, rule: Rule) {
        self.program.get_mut().batch().rule(rule);
    }

    /// Adds a node, and gives its handle. A call with the key of a node that exists gives that node's handle.
    pub fn add<C: StageCall>(&mut self, call: C) -> Node<<C::Stage as Stage>::Output> {
        let (batch, machine) = self.program.get_mut().batch_and_machine();
        let keyed = |key: Key<'_>, prints: &Prints| machine.keyed(key, prints);
        batch.add(call.into_call(), &Adder { who: &"the program", keyed: &keyed, under: None })
    }

    /// Adds one node for each element of a list that a node will give, and gives the handle of the list of their
    /// outputs, in the order of the elements.
    ///
    /// An empty list gives an empty list. When one of the nodes does not succeed, the list of the outputs is not
    /// there either, and what needs it is skipped once all of them have ended; a stage that takes the list as a
    /// `Gathered<T>` runs all the same, with what there is. The elements' calls may use handles of nodes that were
    /// added before the map.
    pub fn map<T, C, F>(&mut self, list: Node<Vec<T>>, item: F) -> Node<Vec<<C::Stage as Stage>::Output>>
    where
        T: Clone + Send + Sync + 'static,
        C: StageCall,
        <C::Stage as Stage>::Output: Clone,
        F: FnMut(T) -> C + Send + 'static,
    {
        self.program.get_mut().batch().map(list, item)
    }

    /// Draws what has been added so far into a file. The extension says how: `.svg`, `.dot` or `.gv`, `.mmd` or
    /// `.mermaid`. Nothing runs, and no other program is needed.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn one() -> u32 {
    ///     1
    /// }
    ///
    /// # let path = std::env::temp_dir().join(format!("dagcore-visualize-{}.svg", std::process::id()));
    /// let mut flow = Workflow::new("numbers");
    /// let first = flow.add(one::new());
    /// flow.add(one::new().after(first));
    /// flow.visualize(&path)?;
    /// # std::fs::remove_file(path).expect("it was written");
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Picture`] when the extension is another one, or the file cannot be written; [`Error::Build`] when
    /// the workflow was put together wrongly.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let mut program = self.program.borrow_mut();
        let problems = program.problems();
        if !problems.is_empty() {
            return Err(BuildError { workflow: self.tag.name().to_string(), problems: problems.clone() }.into());
        }
        Picture::of(program.graph()).titled(self.tag.name().as_ref()).save(path)?;
        Ok(())
    }

    /// What the workflow can become: its stages and rules, and how many of each there can be, from what they declare.
    /// Nothing runs. It is told of a workflow too that was put together wrongly.
    ///
    /// ```
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// fn item(n: u32) -> u32 {
    ///     n
    /// }
    ///
    /// #[stage]
    /// fn total(items: Vec<u32>) -> u32 {
    ///     items.iter().sum()
    /// }
    ///
    /// rule! { sum: when closed(item), adds [total], then |grow, items| { grow.add(total::new(items)); } }
    ///
    /// let mut flow = Workflow::new("sum").rules(rules![sum]);
    /// flow.add(item::new(1_u32));
    /// assert_eq!(
    ///     flow.possible().to_string(),
    ///     "the possible graph of `sum`: 2 stages, 1 rule\n  \
    ///        stage `item`: 1, and no other\n  \
    ///        stage `total`: any number\n  \
    ///        rule `sum`: once; when `item` has closed it adds `total`"
    /// );
    /// ```
    pub fn possible(&self) -> Possible {
        let mut program = self.program.borrow_mut();
        let (graph, rules) = program.parts();
        Possible::of_program(graph, rules).titled(self.tag.name().as_ref())
    }

    /// Lets at most `most` nodes run at once. Without it there is no limit: async stages wait together by the
    /// thousand, of plain ones as many run at once as there are processors.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.limit = most;
        self
    }

    /// Lets the run grow so far and no further. A rule that would go beyond stops the run at once: nothing more
    /// starts, waiting async stages are dropped, and the failure names the rule and the firings that led to it.
    pub fn caps(mut self, caps: Caps) -> Self {
        self.caps = caps;
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
        self.keep.push(registry::id(S::spec()));
        self
    }

    /// Lets somebody watch the run: see [`Tracker`]. There may be several; each hears of everything.
    ///
    /// A tracker that is slow or panics does not hold the run up: see [`Report::trackers`] for what became of it.
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
        self.watchers.push(Watcher::new(Box::new(tracker)));
        self
    }

    /// Runs it, to the end of what its rules can bring about.
    ///
    /// Dropping the future gives the run up: no further node starts, waiting async stages are dropped, plain
    /// ones that run go on to their end, and there is no report.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] when it was put together wrongly, [`Error::NoRuntime`] outside of a tokio runtime, and
    /// [`Error::Failed`], with the report, when a node or a rule failed.
    pub async fn run(self) -> Result<Report, Error> {
        self.plan()?.run().await
    }

    /// Starts it, and gives it into the hand: to look at how far it has come, to ask what a node or a rule waits for,
    /// and to wait for its report.
    ///
    /// It goes on by itself, on the runtime around it. Dropping the [`Run`] gives it up, as dropping the future of
    /// [`Self::run`] does.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] when it was put together wrongly, and [`Error::NoRuntime`] outside of a tokio runtime.
    pub fn start(self) -> Result<Run, Error> {
        Ok(Run::start(self.plan()?.begin()?))
    }

    /// The same for programs without an async `main`: starts a runtime of its own and waits.
    ///
    /// # Errors
    ///
    /// As [`Self::run`]; [`Error::InsideRuntime`] inside of a runtime.
    pub fn run_blocking(self) -> Result<Report, Error> {
        if tokio::runtime::Handle::try_current().is_ok() {
            return Err(Error::InsideRuntime);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.run())
    }

    pub(crate) fn plan(self) -> Result<Plan, BuildError> {
        let Self { tag, program, limit, caps, keep, mocks, watchers, .. } = self;
        let mut program = program.into_inner();
        let mut problems = std::mem::take(program.problems());
        if limit == 0 {
            problems.push("`concurrency(0)` lets nothing run: write at least 1".to_owned());
        }
        let nodes = program.graph().len();
        if nodes > caps.nodes {
            problems.push(format!("the program adds {nodes} nodes, and the cap is {}: raise it", caps.nodes));
        }
        let rules = program.rules().len();
        if rules > caps.rules {
            problems.push(format!("the program registers {rules} rules, and the cap is {}: raise it", caps.rules));
        }
        let stages = program.stages();
        problems.extend(unlawful(program.rules(), stages.iter().copied(), registry::describe));
        problems.extend(stage_names(&stages));
        if problems.is_empty() {
            return Ok(Plan { tag, program, limit, caps, keep, mocks, watchers, chance: None });
        }
        Err(BuildError { workflow: tag.name().to_string(), problems })
    }
}

/// Two rules of one name could not be told apart either, and one rule registered twice does everything twice.
fn of_one_name(name: &str, (known, other): (TypeId, &str), (item, module): (TypeId, &str)) -> String {
    if known == item {
        return format!("rule `{name}` is registered twice, and would fire twice for all it finds: keep one");
    }
    let places =
        if module == other { format!("both in `{module}`") } else { format!("in `{other}` and in `{module}`") };
    format!("two rules are called `{name}`, {places}: rename one of them")
}

/// Two stages of one name could not be told apart in a report or a journal.
fn stage_names(stages: &[StageId]) -> Vec<String> {
    let mut by_name = BTreeMap::new();
    let mut problems = Vec::new();
    for spec in stages.iter().copied().filter_map(registry::spec) {
        if let Some(other) = by_name.insert(spec.name(), spec) {
            problems.push(format!(
                "two stages are called `{}`, in `{}` and in `{}`: give one of them another name with \
                 `#[stage(name = \"..\")]`",
                spec.name(),
                other.module(),
                spec.module()
            ));
        }
    }
    problems
}
