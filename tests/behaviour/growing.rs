//! A stage that adds while it runs, by hand: what `#[stage(adds(leaf))]` makes of the function `tree`.

use dagcore::__private as rt;
use dagcore::dag::{Adds, StageId};
use dagcore::prelude::*;
use dagcore::{Call, IntoInput};
use std::sync::LazyLock;

#[stage]
pub(crate) fn leaf(n: u64) -> u64 {
    n
}

pub(crate) fn tree(leaves: u64, context: &StageContext<growing>) -> u64 {
    context.grow(|grow| {
        for n in 0..leaves {
            grow.add(leaf::new(n));
        }
    });
    leaves
}

/// The number of `leaf`, which only a run tells.
static LEAF: LazyLock<StageId> = LazyLock::new(|| {
    let mut flow = Workflow::new("one leaf");
    let node = flow.add(leaf::new(0_u64));
    flow.run_blocking().unwrap().graph().stage(node.id()).unwrap()
});

#[expect(non_camel_case_types, reason = "a stage has the name of its function")]
pub(crate) struct growing {}

impl growing {
    pub(crate) fn call(leaves: impl IntoInput<u64>) -> Call<Self> {
        LazyLock::force(&LEAF);
        rt::call((leaves.into_input(),))
    }
}

impl rt::Stage for growing {
    type Output = u64;
    type Inputs = (rt::Input<u64>,);

    fn spec() -> &'static rt::StageSpec {
        static SPEC: rt::StageSpec =
            rt::StageSpec::new("growing", 1, rt::Place::Compute, module_path!()).adding(|| Adds::only([*LEAF]));
        &SPEC
    }

    fn start((leaves,): Self::Inputs, starting: &rt::Starting<'_>) -> rt::Started {
        let context = StageContext::of(starting);
        rt::start_now(move || rt::infallible::<Self>(tree(leaves.load()?.into_value(), &context)))
    }
}

impl rt::Allows<leaf> for growing {
    const KEYED: rt::Keyed = rt::Keyed::No;
}

impl rt::Mark for growing {}
