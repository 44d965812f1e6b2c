//! The stages of the programs: functions that follow their specification.

use super::program::{Ends, options};
use super::spec::{Act, Kind, Spec};
use super::world::World;
use dagcore::StageContext as Context;
use dagcore::prelude::*;
use std::hint::spin_loop;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) type Output = Arc<Spec>;

/// Blocks the thread for this many microseconds.
pub(crate) fn spin(micros: u64) {
    let (begin, long) = (Instant::now(), Duration::from_micros(micros));
    while begin.elapsed() < long {
        spin_loop();
    }
}

fn act(world: &World, spec: &Arc<Spec>, attempt: u32) -> Result<Output, String> {
    match spec.act(attempt) {
        Act::Succeed | Act::Hang => {
            world.done.lock().unwrap().insert((spec.id, attempt));
            Ok(Arc::clone(spec))
        }
        Act::Fail => Err("no".to_owned()),
        Act::Panic => panic!("no"),
    }
}

fn run_plain<M>(spec: &Arc<Spec>, world: &World, context: &Context<M>) -> Result<Output, String> {
    let attempt = context.attempt();
    let _used = world.begin(spec, attempt);
    spin(spec.spin);
    while spec.act(attempt) == Act::Hang && !context.is_cancelled() {
        std::thread::yield_now();
    }
    act(world, spec, attempt)
}

async fn run_async<M>(spec: &Arc<Spec>, world: &World, context: &Context<M>) -> Result<Output, String> {
    let attempt = context.attempt();
    let _used = world.begin(spec, attempt);
    spin(spec.spin);
    for _ in 0..spec.yields {
        tokio::task::yield_now().await;
    }
    if let Some(micros) = spec.sleep {
        tokio::time::sleep(Duration::from_micros(micros)).await;
    }
    if spec.act(attempt) == Act::Hang {
        context.cancelled().await;
    }
    act(world, spec, attempt)
}

#[stage]
pub(crate) async fn waits(
    spec: Arc<Spec>,
    world: Arc<World>,
    _ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run_async(&spec, &world, context).await
}

#[stage]
pub(crate) fn plain(
    spec: Arc<Spec>,
    world: Arc<World>,
    _ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run_plain(&spec, &world, context)
}

#[stage(blocking)]
pub(crate) fn blocking(
    spec: Arc<Spec>,
    world: Arc<World>,
    _ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run_plain(&spec, &world, context)
}

#[stage(inline)]
pub(crate) fn inline(
    spec: Arc<Spec>,
    world: Arc<World>,
    _ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run_plain(&spec, &world, context)
}

#[stage(adds(waits, plain, blocking, inline, group))]
pub(crate) async fn grows(
    spec: Arc<Spec>,
    world: Arc<World>,
    _ends: Gathered<Output>,
    context: &StageContext<grows>,
) -> Result<Output, String> {
    let result = run_async(&spec, &world, context).await;
    for more in &spec.inside {
        context.grow(|grow| {
            add_as!(
                grow,
                more,
                &world,
                &[],
                [Waits => waits, Plain => plain, Blocking => blocking, Inline => inline, Group => group]
            );
        });
    }
    result
}

#[stage]
pub(crate) async fn group(
    spec: Arc<Spec>,
    world: Arc<World>,
    _ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run_async(&spec, &world, context).await
}

#[stage]
pub(crate) async fn keyed(
    spec: Arc<Spec>,
    world: Arc<World>,
    _ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run_async(&spec, &world, context).await
}

#[stage]
pub(crate) fn merge(
    spec: Arc<Spec>,
    world: Arc<World>,
    _ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run_plain(&spec, &world, context)
}

#[stage]
pub(crate) async fn list(elements: Vec<Arc<Spec>>) -> Vec<Arc<Spec>> {
    elements
}
