//! [`Workflow`]: the type that a program starts from.

mod settings;

use crate::dag::{Key, Name, Possible, Prints, StageId, unlawful};
use crate::engine::{Plan, Program, Settings, is_adding_to_any};
use crate::error::{BuildError, Error};
use crate::registry;
use crate::report::Report;
use crate::run::Run;
use crate::typed::{Adder, InlineRule, Node, Rules, Stage, StageCall, Tag};
use crate::view::Picture;
use std::any::TypeId;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// A graph under construction, and the rules by which it grows while it runs.
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
    /// Everything added so far. In a `RefCell`, because reading it first inserts the pending batch.
    program: RefCell<Program>,
    pub(crate) settings: Settings,
    /// The registered rule items, by name: the first item of that name, and its module.
    items: HashMap<String, (TypeId, &'static str)>,
}

impl Workflow {
    /// Creates an empty workflow. The name appears in pictures and messages.
    pub fn new(name: impl Into<String>) -> Self {
        let tag = Tag::new(Arc::from(name.into()));
        let program = RefCell::new(Program::new(tag.id()));
        Self { tag, program, settings: Settings::default(), items: HashMap::new() }
    }

    /// Registers rules that were declared as items, and returns the workflow.
    ///
    /// `let flow = Workflow::new("deps").rules(rules![follow, summarise]);` creates a workflow with two rules. Each
    /// rule can be registered once, and needs a unique name. The laws of [`rules!`](crate::rules!) are checked across
    /// all registered lists when the workflow is run.
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

    /// Registers a rule without a name, which can capture handles.
    pub fn rule(&mut self, rule: impl InlineRule) {
        self.program.get_mut().batch().rule(rule.into_rule());
    }

    /// Adds a node, and returns its handle. If a node with the key of the call exists, returns the handle of that node.
    pub fn add<C: StageCall>(&mut self, call: C) -> Node<<C::Stage as Stage>::Output> {
        let (batch, machine) = self.program.get_mut().batch_and_machine();
        let keyed = |key: Key<'_>, prints: &Prints| machine.keyed(key, prints);
        batch.add(call.into_call(), &Adder { who: &"the program", keyed: &keyed, under: None })
    }

    /// Adds one node for each element of a node's output list, and returns the handle of the list of their outputs, in
    /// the order of the elements.
    ///
    /// An empty list yields an empty list. If one of the nodes does not succeed, the list of outputs does not exist,
    /// and its dependents are skipped once all elements have ended. A stage that takes the list as a `Gathered<T>` runs
    /// anyway, with the outputs that exist. The calls of the elements may use handles of nodes that were added before
    /// the map.
    pub fn map<T, C, F>(&mut self, list: Node<Vec<T>>, item: F) -> Node<Vec<<C::Stage as Stage>::Output>>
    where
        T: Clone + Send + Sync + 'static,
        C: StageCall,
        <C::Stage as Stage>::Output: Clone,
        F: FnMut(T) -> C + Send + 'static,
    {
        self.program.get_mut().batch().map(list, item)
    }

    /// Draws everything added so far into a file. The extension selects the format: `.svg`; `.dot` or `.gv`; `.mmd` or
    /// `.mermaid`. Nothing runs, and no external program is needed.
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
    /// [`Error::Picture`] if the extension is unknown or the file cannot be written; [`Error::Build`] if the workflow
    /// is invalid.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let mut program = self.program.borrow_mut();
        let problems = program.problems();
        if !problems.is_empty() {
            return Err(BuildError { workflow: self.tag.name().to_string(), problems: problems.clone() }.into());
        }
        Picture::of(program.graph()).titled(self.tag.name().as_ref()).save(path)?;
        Ok(())
    }

    /// Returns the possible graph: the stages and rules of the workflow, and how many nodes and firings of each there
    /// can be, derived from their declarations. Nothing runs. Works for an invalid workflow too.
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

    /// Runs the workflow until no node is left to run and no rule can fire.
    ///
    /// Dropping the future aborts the run: no further node starts, waiting async stages are dropped, running plain
    /// stages continue to their end, and there is no report.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] if the workflow is invalid, [`Error::NoRuntime`] outside of a tokio runtime, and
    /// [`Error::Failed`], with the report, if a node or a rule failed or was cancelled, or the run was stopped.
    pub async fn run(self) -> Result<Report, Error> {
        if self.settings.stepwise {
            let problems = vec!["it is `stepwise`, so `run` would wait for ever: start it with `start`".to_owned()];
            return Err(BuildError { workflow: self.tag.name().to_string(), problems }.into());
        }
        self.plan()?.run().await
    }

    /// Starts the workflow, and returns a handle to the run: to query its progress, to explain what a node or a rule
    /// waits for, and to wait for the report.
    ///
    /// The run proceeds in the background, on the current tokio runtime. Dropping the [`Run`] aborts it, like dropping
    /// the future of [`Self::run`].
    ///
    /// # Errors
    ///
    /// [`Error::Build`] if the workflow is invalid, and [`Error::NoRuntime`] outside of a tokio runtime.
    pub fn start(self) -> Result<Run, Error> {
        Ok(Run::start(self.plan()?.begin()?))
    }

    /// Runs the workflow on a runtime of its own, and blocks until it ends: [`Self::run`] for programs without an async
    /// `main`.
    ///
    /// Returns when the run has ended. A plain function that still runs then, because its node was cancelled or timed
    /// out, continues on its thread until it returns or the process ends.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`]; [`Error::InsideRuntime`] inside a runtime; and [`Error::Build`] inside a body that adds
    /// to a run.
    pub fn run_blocking(self) -> Result<Report, Error> {
        if tokio::runtime::Handle::try_current().is_ok() {
            return Err(Error::InsideRuntime);
        }
        if is_adding_to_any() {
            let problem = "`run_blocking` was called inside of a body that adds to another run, which would block that run: add a \
                           node that runs this workflow instead";
            return Err(BuildError { workflow: self.tag.name().to_string(), problems: vec![problem.to_owned()] }.into());
        }
        let runtime = Own(Some(tokio::runtime::Builder::new_multi_thread().enable_all().build()?));
        runtime.0.as_ref().map_or(Err(Error::NoRuntime), |runtime| runtime.block_on(self.run()))
    }

    pub(crate) fn plan(self) -> Result<Plan, BuildError> {
        let Self { tag, program, settings, .. } = self;
        let Settings { concurrency, growth_limits: most, .. } = settings;
        let mut program = program.into_inner();
        let mut problems = std::mem::take(program.problems());
        if concurrency == 0 {
            problems.push("`concurrency(0)` lets nothing run: write at least 1".to_owned());
        }
        let nodes = program.graph().len();
        if nodes > most.nodes {
            problems.push(format!("the program adds {nodes} nodes, and the limit is {}: raise it", most.nodes));
        }
        let rules = program.rules().len();
        if rules > most.rules {
            problems.push(format!("the program registers {rules} rules, and the limit is {}: raise it", most.rules));
        }
        let stages = program.stages();
        problems.extend(unlawful(program.rules(), stages.iter().copied(), registry::describe));
        problems.extend(stage_names(&stages));
        problems.extend(settings.pool_problems(&stages));
        if settings.stepwise && settings.decider.is_some() {
            let both = "`stepwise` and `decide` cannot be combined: keep one of them";
            problems.push(both.to_owned());
        }
        if problems.is_empty() {
            return Ok(Plan { tag, program, settings, chance: None });
        }
        Err(BuildError { workflow: tag.name().to_string(), problems })
    }
}

/// A runtime that does not wait when it is dropped. The run has ended by then; a plain function that still runs,
/// because it timed out or was cancelled, continues on its thread until it returns or the process ends.
struct Own(Option<tokio::runtime::Runtime>);

impl Drop for Own {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(tokio::runtime::Runtime::shutdown_background);
    }
}

/// Describes a name conflict between two rules, or a rule that is registered twice. Rules of one name cannot be
/// distinguished, and a rule that is registered twice fires twice.
fn of_one_name(name: &str, (known, other): (TypeId, &str), (item, module): (TypeId, &str)) -> String {
    let name = Name(name);
    if known == item {
        return format!("rule `{name}` is registered twice, and would fire twice for all it finds: keep one");
    }
    let places =
        if module == other { format!("both in `{module}`") } else { format!("in `{other}` and in `{module}`") };
    format!("two rules are called `{name}`, {places}: rename one of them")
}

/// Lists the name conflicts between stages. Stages of one name cannot be distinguished in a report or a journal.
fn stage_names(stages: &[StageId]) -> Vec<String> {
    let mut by_name = BTreeMap::new();
    let mut problems = Vec::new();
    for spec in stages.iter().copied().filter_map(registry::spec) {
        if let Some(other) = by_name.insert(spec.name(), spec) {
            problems.push(format!(
                "two stages are called `{}`, in `{}` and in `{}`: give one of them another name with \
                 `#[stage(name = \"..\")]`",
                Name(spec.name()),
                other.module(),
                spec.module()
            ));
        }
    }
    problems
}
