//! The roof: what a program starts from.

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
    pub(crate) settings: Settings,
    /// The rules that are items: for each name the first of that name, and its module.
    items: HashMap<String, (TypeId, &'static str)>,
}

impl Workflow {
    /// An empty workflow. The name is for pictures and messages.
    pub fn new(name: impl Into<String>) -> Self {
        let tag = Tag::new(Arc::from(name.into()));
        let program = RefCell::new(Program::new(tag.id()));
        Self { tag, program, settings: Settings::default(), items: HashMap::new() }
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
    pub fn rule(&mut self, rule: impl InlineRule) {
        self.program.get_mut().batch().rule(rule.into_rule());
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

    /// Runs it, to the end of what its rules can bring about.
    ///
    /// Dropping the future gives the run up: no further node starts, waiting async stages are dropped, plain
    /// ones that run go on to their end, and there is no report.
    ///
    /// # Errors
    ///
    /// [`Error::Build`] when it was put together wrongly, [`Error::NoRuntime`] outside of a tokio runtime, and
    /// [`Error::Failed`], with the report, when a node or a rule failed or was cancelled, or the run was stopped.
    pub async fn run(self) -> Result<Report, Error> {
        if self.settings.stepwise {
            let problems = vec!["it goes step by step, and nobody would take a step: start it with `start`".to_owned()];
            return Err(BuildError { workflow: self.tag.name().to_string(), problems }.into());
        }
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
    /// It returns when the run has ended. A plain function that goes on after that, because its node was cancelled or took too
    /// long, does so on its thread until it returns or the process ends.
    ///
    /// # Errors
    ///
    /// As [`Self::run`]; [`Error::InsideRuntime`] inside of a runtime, and [`Error::Build`] inside of a body that adds to a run.
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
            let both = "it goes step by step, and a decider is to be asked: keep one of `stepwise` and `decide`";
            problems.push(both.to_owned());
        }
        if problems.is_empty() {
            return Ok(Plan { tag, program, settings, chance: None });
        }
        Err(BuildError { workflow: tag.name().to_string(), problems })
    }
}

/// A runtime that waits for nothing when it is dropped: the run has ended, and a plain function that goes on all the same, as it
/// took too long or was cancelled, does so on a thread of its own until it returns.
struct Own(Option<tokio::runtime::Runtime>);

impl Drop for Own {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(tokio::runtime::Runtime::shutdown_background);
    }
}

/// Two rules of one name could not be told apart either, and one rule registered twice does everything twice.
fn of_one_name(name: &str, (known, other): (TypeId, &str), (item, module): (TypeId, &str)) -> String {
    let name = Name(name);
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
                Name(spec.name()),
                other.module(),
                spec.module()
            ));
        }
    }
    problems
}
