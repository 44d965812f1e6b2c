//! A call as a job: it runs the stage function, or the mock in its place.

use super::inputs::Inputs;
use super::stage::Stage;
use crate::dag::{Cause, Name};
use crate::port::{Job, MocksByStage, Sources, StageResult, Started, Starting};
use std::any::Any;
use std::sync::Arc;

/// A call of `S` whose inputs are not bound yet.
pub(crate) struct StageJob<S: Stage> {
    pub(crate) inputs: S::Inputs,
}

impl<S: Stage> Job for StageJob<S> {
    fn bind(&mut self, sources: Sources<'_>) {
        self.inputs.bind(sources);
    }

    fn again(&mut self) -> Result<Box<dyn Job>, Box<Cause>> {
        self.inputs.load()?;
        Ok(Box::new(Self { inputs: self.inputs.again() }))
    }

    fn start(mut self: Box<Self>, starting: &Starting<'_>) -> Started {
        match self.inputs.load() {
            Ok(()) => S::start(self.inputs, starting),
            Err(cause) => Started::Done(Err(cause)),
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Registers `run` as the mock of `S`.
pub fn mock<S: Stage>(into: &mut MocksByStage, run: impl Fn(S::Inputs) -> StageResult + Send + Sync + 'static) {
    let mock = move |job: Box<dyn Any>| match job.downcast::<StageJob<S>>() {
        Ok(mut job) => job.inputs.load().and_then(|()| run(job.inputs)),
        Err(_) => Err(Box::new(Cause::Refused(format!("this is not a call of `{}`", Name(S::spec().name())).into()))),
    };
    into.insert(S::spec(), Arc::new(mock));
}
