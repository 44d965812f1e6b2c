//! Runs in which no stage's own function runs.

use super::run::play;
use crate::dag::{Adds, Name, StageId};
use crate::engine::Plan;
use crate::error::{BuildError, Error};
use crate::port::MocksByStage;
use crate::registry;
use crate::report::Report;
use crate::workflow::Workflow;

/// Runs a workflow with mocks only, in virtual time: which nodes its rules add, without a single stage's own function.
///
/// ```
/// # use dagcore::prelude::*;
/// # use dagcore::testing::{self, Mocks};
/// #[stage]
/// fn delete(path: String) {
///     // ..
///     # drop(path);
/// }
///
/// fn program() -> Workflow {
///     let mut flow = Workflow::new("cleanup");
///     flow.add(delete::new("/tmp/old"));
///     flow
/// }
///
/// let refused = testing::dry_run(program()).unwrap_err();
/// assert_eq!(
///     refused.to_string(),
///     "workflow `cleanup` cannot run: stage `delete` is not mocked, and the program adds it: \
///      write `.mock::<delete>()` in the mocks"
/// );
/// let mocks = Mocks::new().mock::<delete>().returns(|_path| ());
/// assert_eq!(testing::dry_run(program().mocked(mocks))?.len(), 1);
/// # Ok::<(), dagcore::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Build`], before anything runs, when a stage is not mocked that the program adds, or that a rule or a
/// stage declares with `adds`, directly or through others; and when a rule does not declare what it adds. Otherwise as
/// [`seeded`](super::seeded).
pub fn dry_run(flow: Workflow) -> Result<Report, Error> {
    let mut plan = flow.plan()?;
    let problems = problems(&mut plan);
    if problems.is_empty() {
        return play(plan, 0).0;
    }
    Err(BuildError { workflow: plan.tag.name().to_string(), problems }.into())
}

/// What keeps a workflow from a dry run.
fn problems(plan: &mut Plan) -> Vec<String> {
    let mut problems = Vec::new();
    let mut reached = Reached::default();
    let (graph, rules) = plan.program.parts();
    for node in graph.nodes() {
        // The list of a map is a node too, and no stage of the user's.
        if let Some(stage) = graph.stage(node).filter(|stage| !graph.is_of_lists(*stage)) {
            reached.stage(stage, || "the program adds it".to_owned());
        }
    }
    for rule in rules {
        match &rule.adds {
            Adds::Anything => problems.push(format!(
                "rule `{}` does not declare what it adds, so nobody can know which stages it reaches: write `adds [..]`",
                Name(&rule.name)
            )),
            adds => reached.adds(adds, || format!("rule `{}` may add it", Name(&rule.name))),
        }
    }
    let mut next = 0;
    while let Some((stage, how)) = reached.stages.get(next).cloned() {
        next += 1;
        let info = registry::describe(stage);
        if let Some(spec) = registry::spec(stage).filter(|spec| !is_mocked(plan.settings.mocks.as_ref(), spec)) {
            problems.push(format!(
                "stage `{0}` is not mocked, and {how}: write `.mock::<{0}>()` in the mocks",
                Name(spec.name())
            ));
        }
        if let Some(adds) = info.adds {
            reached.adds(adds, || format!("stage `{}` may add it", Name(info.name)));
        }
    }
    problems
}

fn is_mocked(mocks: Option<&MocksByStage>, spec: &'static crate::port::StageSpec) -> bool {
    mocks.is_some_and(|mocks| mocks.get(spec).is_some())
}

/// The stages that can be reached, each with the first way to it.
#[derive(Default)]
struct Reached {
    stages: Vec<(StageId, String)>,
}

impl Reached {
    fn stage(&mut self, stage: StageId, how: impl FnOnce() -> String) {
        if !self.stages.iter().any(|(known, _)| *known == stage) {
            self.stages.push((stage, how()));
        }
    }

    fn adds(&mut self, adds: &Adds, how: impl Fn() -> String) {
        adds.list().iter().for_each(|addition| self.stage(addition.stage, &how));
    }
}
