//! A call as the engine runs it: by the stage's function, or by what a test put in its place.

use super::inputs::Inputs;
use super::stage::Stage;
use crate::port::{Job, MocksByStage, Sources, StageResult, Started, Starting};
use std::sync::Arc;

/// A call of `S` whose inputs are not bound yet.
pub(crate) struct StageJob<S: Stage> {
    pub(crate) inputs: S::Inputs,
}

impl<S: Stage> Job for StageJob<S> {
    fn bind(&mut self, sources: Sources<'_>) {
        self.inputs.bind(sources);
    }

    fn start(mut self: Box<Self>, starting: &Starting<'_>) -> Started {
        if let Err(cause) = self.inputs.load() {
            return Started::Done(Err(cause));
        }
        match starting.mocks {
            None => S::start(self.inputs, starting),
            Some(mocks) => start_with::<S>(self.inputs, starting, mocks),
        }
    }
}

#[cold]
fn start_with<S: Stage>(inputs: S::Inputs, starting: &Starting<'_>, mocks: &MocksByStage) -> Started {
    match mocks.get(S::spec()).and_then(|mock| mock.downcast_ref()) {
        Some(Mock::<S>(run)) => Started::Done(run(inputs)),
        None => S::start(inputs, starting),
    }
}

/// What runs in place of the function of `S`.
pub struct Mock<S: Stage>(Box<dyn Fn(S::Inputs) -> StageResult + Send + Sync>);

impl<S: Stage> Mock<S> {
    /// Lets `run` take the inputs in place of the function.
    pub fn insert(into: &mut MocksByStage, run: impl Fn(S::Inputs) -> StageResult + Send + Sync + 'static) {
        into.insert(S::spec(), Arc::new(Self(Box::new(run))));
    }
}
