//! A random program as a workflow.

use super::spec::{Act, Kind, PAUSE, Spec};
use super::world::World;
use dagcore::prelude::*;
use dagcore::{Backoff, Call, Stage};
use std::sync::Arc;
use std::time::Duration;

pub(crate) type Output = Arc<Spec>;

fn result(spec: Output, attempt: u32) -> Result<Output, String> {
    match spec.act(attempt) {
        Act::Succeed | Act::Hang => Ok(spec),
        Act::Fail => Err("no".to_owned()),
        Act::Panic => panic!("no"),
    }
}

async fn run(spec: Output, world: &World, ends: &Gathered<Output>, context: &StageContext) -> Result<Output, String> {
    let _used = world.begin(&spec, context.attempt());
    assert_eq!(ends.len(), spec.gathers.len());
    if spec.millis > 0 {
        tokio::time::sleep(Duration::from_millis(spec.millis)).await;
    }
    if spec.act(context.attempt()) == Act::Hang {
        std::future::pending::<()>().await;
    }
    result(Arc::clone(&spec), context.attempt())
}

#[stage]
pub(crate) async fn act(
    spec: Arc<Spec>,
    world: Arc<World>,
    ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run(spec, &world, &ends, context).await
}

#[stage]
pub(crate) async fn side(
    spec: Arc<Spec>,
    world: Arc<World>,
    ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    run(spec, &world, &ends, context).await
}

#[stage]
pub(crate) fn plain(
    spec: Arc<Spec>,
    world: Arc<World>,
    ends: Gathered<Output>,
    context: &StageContext,
) -> Result<Output, String> {
    let _used = world.begin(&spec, context.attempt());
    assert_eq!(ends.len(), spec.gathers.len());
    result(Arc::clone(&spec), context.attempt())
}

/// Its output can be read by a node, and by the rule that receives it by its name.
#[stage]
async fn made() -> Vec<u32> {
    vec![1, 2, 3]
}

#[stage]
async fn read(made: &[u32]) -> usize {
    made.len()
}

#[stage]
async fn elements(elements: Vec<Arc<Spec>>) -> Vec<Arc<Spec>> {
    elements
}

/// Records how many elements of a list have an output.
#[stage]
pub(crate) async fn tell(all: Gathered<Output>, world: Arc<World>) {
    *world.gathered.lock().unwrap() = Some((all.outputs().count(), all.len()));
}

/// Receives all nodes of `side` after that stage has closed.
#[stage]
pub(crate) async fn last(sides: usize, _all: Gathered<Output>) -> usize {
    sides
}

fn options<S: Stage>(call: Call<S>, spec: &Spec) -> Call<S> {
    let call = call.named(spec.id.to_string());
    // A worker takes several nodes at once only if their attempts have no options.
    let pause = Backoff::fixed(Duration::from_millis(PAUSE));
    let call = if spec.retries > 0 { call.retries(spec.retries).backoff(pause) } else { call };
    let call = if spec.share > 0 { call.pool("pool", spec.share) } else { call };
    match spec.timeout {
        Some(millis) => call.timeout(Duration::from_millis(millis)),
        None => call,
    }
}

fn after<S: Stage>(call: Call<S>, spec: &Spec, nodes: &[Node<Output>]) -> Call<S> {
    spec.after.iter().fold(call, |call, parent| call.after(nodes[*parent]))
}

/// Adds the node of a specification, after nodes of the program.
macro_rules! add {
    ($target:expr, $spec:expr, $world:expr, $nodes:expr) => {{
        let (spec, world, nodes): (&Arc<Spec>, &Arc<World>, &[Node<Output>]) = ($spec, $world, $nodes);
        let ends: Vec<_> = spec.gathers.iter().map(|parent| nodes[*parent]).collect();
        let (own, world) = (Arc::clone(spec), Arc::clone(world));
        match spec.kind {
            Kind::Act => $target.add(after(options(act::new(own, world, ends), spec), spec, nodes)),
            Kind::Side => $target.add(after(options(side::new(own, world, ends), spec), spec, nodes)),
            Kind::Plain => $target.add(after(options(plain::new(own, world, ends), spec), spec, nodes)),
        }
    }};
}

macro_rules! follow {
    ($flow:ident, $stage:ident, $world:ident) => {
        let world = Arc::clone($world);
        $flow.rule(rule! {
            when each($stage), adds [act, side, plain] within 5,
            then |grow, _node, spec| for child in &spec.children { add!(grow, child, &world, &[]); }
        });
    };
}

impl World {
    /// The workflow, and the handles of its nodes.
    pub(crate) fn flow(self: &Arc<Self>) -> (Workflow, Vec<Node<Output>>) {
        let program = &self.program;
        let mut flow = Workflow::new("random").pool("pool", program.pool).grace(Duration::from_millis(20));
        if let Some(most) = program.concurrency {
            flow = flow.concurrency(most);
        }
        if let Some((kind, most)) = program.limit {
            flow = match kind {
                Kind::Act => flow.stage_concurrency::<act>(most),
                Kind::Side => flow.stage_concurrency::<side>(most),
                Kind::Plain => flow.stage_concurrency::<plain>(most),
            };
        }
        follow!(flow, act, self);
        follow!(flow, side, self);
        follow!(flow, plain, self);
        flow.rule(rule! {
            when closed(side), adds [last],
            then |grow, sides| { grow.add(last::new(sides.len(), sides)); }
        });
        let mut nodes: Vec<Node<Output>> = Vec::new();
        for spec in &program.specs {
            nodes.push(add!(flow, spec, self, &nodes));
        }
        self.map(&mut flow);
        self.reading(&mut flow, nodes[0]);
        *self.nodes.lock().unwrap() = nodes.iter().map(|node| node.untyped()).collect();
        (flow, nodes)
    }

    /// A map, and a stage that gathers its list.
    fn map(self: &Arc<Self>, flow: &mut Workflow) {
        let source = flow.add(elements::new(self.program.mapped.clone()));
        let world = Arc::clone(self);
        let list = flow.map(source, move |spec: Arc<Spec>| {
            options(act::new(Arc::clone(&spec), Arc::clone(&world), Vec::new()), &spec)
        });
        flow.add(tell::new(list, Arc::clone(self)).named("tell"));
        *self.list.lock().unwrap() = Some(list.untyped());
    }

    /// A node whose output is read by a node soon, and later by a rule that receives it by its name.
    fn reading(self: &Arc<Self>, flow: &mut Workflow, first: Node<Output>) {
        flow.rule(rule! {
            when settled(first), adds [made, read],
            then |grow, _first| {
                let made = grow.add(made::new().named("made"));
                grow.add(read::new(made));
            }
        });
        let (world, wanted) = (Arc::clone(self), self.program.reads_after);
        flow.rule(rule! {
            when named("made") && count_done(act) >= wanted, adds [],
            then |grow, node, _acts| grow.view(|view| {
                let made = view.typed::<made>(node).unwrap();
                if view.state(node) == Some(NodeState::Succeeded) && view.output(made).is_none() {
                    world.wrong("the output of `made` was dropped before the rule received its node");
                }
            })
        });
    }

    /// Appends the nodes to be appended. Returns them if they were accepted.
    pub(crate) fn append(
        self: &Arc<Self>,
        run: &dagcore::Run,
        nodes: &[Node<Output>],
    ) -> Result<Vec<Arc<Spec>>, String> {
        let appended = self.program.appended.clone();
        let added = run.append(|grow| {
            for spec in &appended {
                add!(grow, spec, self, nodes);
            }
            grow.add(elements::new(Vec::<Arc<Spec>>::new())); // of a stage that no rule adds to
        });
        added.map(|()| appended).map_err(|error| error.to_string())
    }
}
