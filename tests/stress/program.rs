//! A random program as a workflow.

use super::spec::{Below, Kind, Spec};
use super::stages::{Output, blocking, group, grows, inline, keyed, list, merge, plain, waits};
use super::world::World;
use dagcore::prelude::*;
use dagcore::{AnyNode, Backoff, Call, Choice, Decider, Rate, Stage, StartOrder};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tests::dice::Dice;

/// The nodes of the program that a node waits for: for their success, and for their end.
pub(crate) struct Ends {
    pub(crate) after: Vec<Node<Output>>,
    pub(crate) gathers: Vec<Node<Output>>,
}

impl Ends {
    pub(crate) fn of(nodes: &[Node<Output>], spec: &Spec) -> Self {
        let of = |numbers: &[usize]| numbers.iter().filter_map(|n| nodes.get(*n).copied()).collect();
        Self { after: of(&spec.after), gathers: of(&spec.gathers) }
    }
}

/// Applies the options of a specification to a call.
pub(crate) fn options<S: Stage>(call: Call<S>, spec: &Spec, after: &[Node<Output>]) -> Call<S> {
    let micros = Duration::from_micros;
    let mut call = call.named(spec.id.to_string());
    // A worker takes several nodes at once only if their attempts have no options.
    if spec.retries > 0 {
        call = call.retries(spec.retries).backoff(Backoff::fixed(micros(spec.backoff)));
    }
    call = after.iter().fold(call, |call, node| call.after(*node));
    call = spec.pools.iter().fold(call, |call, (pool, share)| call.pool(pool.to_string(), *share));
    if let Some(timeout) = spec.timeout {
        call = call.timeout(micros(timeout));
    }
    if let Some(deadline) = spec.deadline {
        call = call.deadline(micros(deadline));
    }
    if let Some(priority) = spec.priority {
        call = call.priority(priority);
    }
    call
}

/// Adds the node of a specification to a workflow or through a growth, as one of these stages, and records its handle.
macro_rules! add_as {
    ($target:expr, $spec:expr, $world:expr, $nodes:expr, [$($kind:ident => $stage:ident),*]) => {{
        let (spec, world): (&Arc<Spec>, &Arc<World>) = ($spec, $world);
        let Ends { after, gathers } = Ends::of($nodes, spec);
        let node = match spec.kind {
            $(Kind::$kind => {
                $target.add(options($stage::new(Arc::clone(spec), Arc::clone(world), gathers), spec, &after))
            })*
            other => panic!("unexpected kind {other:?}"),
        };
        world.note(node);
        node
    }};
}

macro_rules! add_to {
    ($target:expr, $spec:expr, $world:expr, $nodes:expr) => {
        add_as!(
            $target,
            $spec,
            $world,
            $nodes,
            [Waits => waits, Plain => plain, Blocking => blocking, Inline => inline, Grows => grows, Group => group]
        )
    };
}

/// Adds the follow-up nodes of a node of the program.
macro_rules! follow {
    ($flow:ident, $world:ident, $stage:ident) => {
        let world = Arc::clone($world);
        $flow.rule(rule! {
            when each($stage), adds [waits, plain, blocking, inline, grows, group] within 5,
            then |grow, _node, spec| {
                for child in &spec.children {
                    add_to!(grow, child, &world, &[]);
                }
            }
        });
        let world = Arc::clone($world);
        $flow.rule(rule! {
            when each($stage), adds [keyed by key],
            then |grow, _node, spec| {
                for key in &spec.keys {
                    let keyed = &world.program.keyed[*key];
                    let call = keyed::new(Arc::clone(keyed), Arc::clone(&world), Vec::new());
                    world.note(grow.add(options(call, keyed, &[]).key(key)));
                }
            }
        });
    };
}

fn merge_call(spec: &Arc<Spec>, world: &Arc<World>, nodes: Vec<Node<Output>>) -> Call<merge> {
    options(merge::new(Arc::clone(spec), Arc::clone(world), nodes), spec, &[])
}

impl World {
    /// The workflow, and the handles of its nodes.
    pub(crate) fn flow(self: &Arc<Self>) -> (Workflow, Vec<Node<Output>>) {
        let mut flow = self.settings();
        self.rules(&mut flow);
        let mut nodes = Vec::new();
        for spec in &self.program.specs {
            nodes.push(add_to!(flow, spec, self, &nodes));
        }
        if let Some((elements, gathers)) = &self.program.map {
            let source = flow.add(list::new(elements.clone()).named("list"));
            let world = Arc::clone(self);
            let all = flow.map(source, move |spec: Arc<Spec>| {
                options(waits::new(Arc::clone(&spec), Arc::clone(&world), Vec::new()), &spec, &[])
            });
            let merged = merge::new(Arc::clone(gathers), Arc::clone(self), all);
            let merged = flow.add(options(merged, gathers, &[]));
            [source.untyped(), all.untyped(), merged.untyped()].into_iter().for_each(|node| self.note(node));
        }
        (flow, nodes)
    }

    fn settings(self: &Arc<Self>) -> Workflow {
        let program = &self.program;
        let mut flow = Workflow::new(format!("seed {}", program.seed)).grace(program.grace);
        flow = flow.start_order(match program.order {
            0 => StartOrder::BreadthFirst,
            1 => StartOrder::CriticalPath,
            2 => StartOrder::by(|_, node| node.index() as i64 % 7),
            _ => StartOrder::DepthFirst,
        });
        for (pool, size) in program.pools.iter().enumerate() {
            flow = flow.pool(pool.to_string(), *size);
        }
        for (kind, most) in &program.limits {
            flow = match kind {
                Kind::Waits => flow.stage_concurrency::<waits>(*most),
                Kind::Plain => flow.stage_concurrency::<plain>(*most),
                Kind::Blocking => flow.stage_concurrency::<blocking>(*most),
                Kind::Inline => flow.stage_concurrency::<inline>(*most),
                Kind::Grows => flow.stage_concurrency::<grows>(*most),
                Kind::Group => flow.stage_concurrency::<group>(*most),
                Kind::Keyed => flow.stage_concurrency::<keyed>(*most),
                Kind::Merge => flow.stage_concurrency::<merge>(*most),
            };
        }
        if let Some((kind, interval, burst)) = program.rate {
            let rate = Rate::new(1, interval).burst(burst);
            flow = match kind {
                Kind::Waits => flow.rate::<waits>(rate),
                Kind::Plain => flow.rate::<plain>(rate),
                Kind::Blocking => flow.rate::<blocking>(rate),
                Kind::Inline => flow.rate::<inline>(rate),
                Kind::Grows => flow.rate::<grows>(rate),
                Kind::Group => flow.rate::<group>(rate),
                Kind::Keyed => flow.rate::<keyed>(rate),
                Kind::Merge => flow.rate::<merge>(rate),
            };
        }
        if let Some(most) = program.concurrency {
            flow = flow.concurrency(most);
        }
        if let Some(deadline) = program.deadline {
            flow = flow.deadline(deadline);
        }
        if program.fail_fast {
            flow = flow.fail_fast();
        }
        if program.stepwise {
            flow = flow.stepwise();
        }
        if program.decider {
            flow = flow.decide(Decides { dice: Dice(program.seed), world: Arc::clone(self) });
        }
        flow
    }

    fn rules(self: &Arc<Self>, flow: &mut Workflow) {
        follow!(flow, self, waits);
        follow!(flow, self, plain);
        follow!(flow, self, blocking);
        follow!(flow, self, inline);
        follow!(flow, self, group);
        let world = Arc::clone(self);
        flow.rule(rule! {
            when each_failed(plain), adds [waits, plain, blocking, inline, grows, group] within 5,
            then |grow, node, _error| {
                let name = grow.view(|view| view.name(node));
                let spec = world.spec_of(&name);
                for rescue in spec.iter().flat_map(|spec| &spec.rescue) {
                    add_to!(grow, rescue, &world, &[]);
                }
            }
        });
        self.merges(flow);
        if let Some(last) = &self.program.last {
            let (last, world) = (Arc::clone(last), Arc::clone(self));
            flow.rule(rule! {
                when closed(keyed), adds [merge],
                then |grow, keyed| world.note(grow.add(merge_call(&last, &world, keyed)))
            });
        }
        if let Some((wanted, spec)) = &self.program.counted {
            let (wanted, spec, world) = (*wanted, Arc::clone(spec), Arc::clone(self));
            flow.rule(rule! {
                when count_done(plain) >= wanted,
                adds [waits, plain, blocking, inline, grows, group],
                then |grow, _nodes| { add_to!(grow, &spec, &world, &[]); }
            });
        }
    }

    /// A node for each group, added when no further node can be added below it, or when all nodes below it have ended
    /// or succeeded.
    fn merges(self: &Arc<Self>, flow: &mut Workflow) {
        macro_rules! merges {
            ($how:ident) => {{
                let world = Arc::clone(self);
                rule! {
                    when $how(waits) under each(group), adds [merge],
                    then |grow, group, waits| {
                        let name = grow.view(|view| view.name(group));
                        if let Some(merge) = world.spec_of(&name).and_then(|spec| spec.merge.as_ref()) {
                            world.note(grow.add(merge_call(merge, &world, waits)));
                        }
                    }
                }
            }};
        }
        flow.rule(match self.program.below {
            Below::Closed => merges!(closed),
            Below::Settled => merges!(settled),
            Below::Done => merges!(done),
        });
    }

    /// Records a handle, for actions and explanations.
    pub(crate) fn note(&self, node: impl Into<AnyNode>) {
        self.handles.lock().unwrap().push(node.into());
    }
}

/// Decides at random, and records which nodes it has allowed to start.
struct Decides {
    dice: Dice,
    world: Arc<World>,
}

impl Decider for Decides {
    async fn decide(&mut self, choice: &Choice) -> bool {
        if self.dice.one_in(4) {
            tokio::task::yield_now().await;
        }
        let may = !self.dice.one_in(8);
        if may {
            self.world.lets(choice);
        }
        may
    }

    fn again(&self) -> Duration {
        Duration::from_micros(50)
    }
}

impl World {
    /// Records that a choice was allowed.
    pub(crate) fn lets(&self, choice: &Choice) {
        if let Choice::StartNode { name, .. } = choice {
            name.parse().ok().and_then(|id: usize| self.let_start.get(id)).iter().for_each(|lets| {
                lets.fetch_add(1, SeqCst);
            });
        }
    }
}
