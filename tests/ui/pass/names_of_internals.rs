#![deny(warnings)]

use dagcore::prelude::*;

/// No name that a macro may use inside is taken away from the user.
#[stage]
#[expect(clippy::too_many_arguments)]
fn call(inputs: u64, starting: u64, cx: &StageContext, new: u64, spec: u64, start: u64, __dag_0: u64) -> u64 {
    inputs + starting + new + spec + start + __dag_0 + u64::from(cx.attempt())
}

#[stage]
async fn spec(dagcore: u64, core: u64, std: u64, rt: u64, __dag_inputs: u64, __dag_context: &StageContext) -> u64 {
    dagcore + core + std + rt + __dag_inputs + u64::from(__dag_context.attempt())
}

rule! {
    rule: when each(call), adds [spec],
    then |__dag_grow, __dag_bound, __dag_0| { __dag_grow.add(spec::new(__dag_bound, *__dag_0, 1_u64, 1_u64, 1_u64)); }
}

fn main() -> Result<(), dagcore::Error> {
    let mut flow = Workflow::new("internals").rules(rules![rule]);
    flow.add(call::new(1_u64, 1_u64, 1_u64, 1_u64, 1_u64, 1_u64));
    assert_eq!(*flow.run_blocking()?.only::<spec>()?, 18);
    Ok(())
}
