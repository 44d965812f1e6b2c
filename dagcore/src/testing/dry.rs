//! Dry runs, which call no stage function.

use super::run::play;
use crate::dag::{Adds, Name, StageId};
use crate::engine::Plan;
use crate::error::{BuildError, Error};
use crate::port::MocksByStage;
use crate::registry;
use crate::report::Report;
use crate::workflow::Workflow;

/// Runs a workflow in virtual time with mocks only, to see which nodes its rules add without calling any stage
/// function.
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
/// [`Error::Build`], before anything runs, if a stage is not mocked that the program adds, or that a rule or a stage
/// declares with `adds`, directly or through others; and if a rule does not declare what it adds. Otherwise the errors
/// of [`seeded`](super::seeded).
pub fn dry_run(flow: Workflow) -> Result<Report, Error> {
    let mut plan = flow.plan()?;
    let problems = problems(&mut plan);
    if problems.is_empty() {
        return play(plan, 0).0;
    }
    Err(BuildError { workflow: plan.tag.name().to_string(), problems }.into())
}

/// Lists the problems that prevent a dry run.
fn problems(plan: &mut Plan) -> Vec<String> {
    let mut problems = Vec::new();
    let mut reached = Reached::default();
    let (graph, rules) = plan.program.parts();
    for node in graph.nodes() {
        // The list of a map is a node too, but not of a stage that a user can mock.
        if let Some(stage) = graph.stage(node).filter(|stage| !graph.is_of_lists(*stage)) {
            reached.stage(stage, || "the program adds it".to_owned());
        }
    }
    for rule in rules {
        match &rule.adds {
            Adds::Anything => problems.push(format!(
                "rule `{}` does not declare what it adds, so the stages that it reaches are unknown: write `adds [..]`",
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

/// The reachable stages, each with the first path found to it.
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
