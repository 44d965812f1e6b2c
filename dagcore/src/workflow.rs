//! The roof: what a program starts from.

use crate::dag::{Caps, Event, Machine, StageId, unlawful};
use crate::engine::{self, Plan};
use crate::error::{BuildError, Error};
use crate::registry;
use crate::report::Report;
use crate::typed::{Adder, Batch, Node, Rule, Rules, Stage, StageCall, Tag};
use crate::view::Picture;
use std::any::TypeId;
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
    batch: Batch,
    limit: usize,
    caps: Caps,
    /// The rules that are items: for each name the first of that name, and its module.
    items: HashMap<String, (TypeId, &'static str)>,
}

impl Workflow {
    /// An empty workflow. The name is for pictures and messages.
    pub fn new(name: impl Into<String>) -> Self {
        let tag = Tag::new(Arc::from(name.into()));
        let batch = Batch::new(tag.id());
        Self { tag, batch, limit: usize::MAX, caps: Caps::default(), items: HashMap::new() }
    }

    /// Registers rules that were declared as items: `rules![follow, summarise]`. Each is registered once, and has a name
    /// of its own. Rules of several lists are held to the laws of [`rules!`](crate::rules!) when the workflow is run.
    pub fn rules(mut self, rules: Rules) -> Self {
        for (item, module, rule) in rules.rules {
            let name = &rule.draft.spec.name;
            match self.items.get(name) {
                Some(known) => self.batch.problems.push(of_one_name(name, *known, (item, module))),
                None => drop(self.items.insert(name.clone(), (item, module))),
            }
            self.batch.rule(rule);
        }
        self
    }

    /// Registers a rule, made where handles are at hand.
    pub fn rule(&mut self, rule: Rule) {
        self.batch.rule(rule);
    }

    /// Adds a node, and gives its handle. A call with the key of a node that exists gives that node's handle.
    pub fn add<C: StageCall>(&mut self, call: C) -> Node<<C::Stage as Stage>::Output> {
        self.batch.add(call.into_call(), &Adder { who: &"the program", host: None, under: None })
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
        self.batch.map(list, item)
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
        let refused = |problems| Error::Build(BuildError { workflow: self.tag.name().to_string(), problems });
        if !self.batch.problems.is_empty() {
            return Err(refused(self.batch.problems.clone()));
        }
        let mut machine = Machine::new(registry::describe);
        let added = Event::Added { additions: self.batch.additions.clone() };
        machine.apply(&added).map_err(|why| refused(vec![why.to_string()]))?;
        Picture::of(machine.graph()).titled(self.tag.name().as_ref()).save(path)?;
        Ok(())
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
        engine::run(self.plan()?).await
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

    fn plan(self) -> Result<Plan, BuildError> {
        let Self { tag, mut batch, limit, caps, .. } = self;
        let mut problems = std::mem::take(&mut batch.problems);
        if limit == 0 {
            problems.push("`concurrency(0)` lets nothing run: write at least 1".to_owned());
        }
        if batch.len() > caps.nodes {
            problems.push(format!("the program adds {} nodes, and the cap is {}: raise it", batch.len(), caps.nodes));
        }
        problems.extend(unlawful(&batch.additions.rules, batch.stages(), registry::describe));
        problems.extend(stage_names(&batch));
        if problems.is_empty() {
            return Ok(Plan { tag, batch, limit, caps });
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
fn stage_names(batch: &Batch) -> Vec<String> {
    let mut stages: Vec<StageId> = batch.stages().collect();
    stages.sort_unstable();
    stages.dedup();
    let mut by_name = BTreeMap::new();
    let mut problems = Vec::new();
    for spec in stages.into_iter().filter_map(registry::spec) {
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
